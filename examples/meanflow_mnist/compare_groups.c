/* SPDX-License-Identifier: MIT */
/* Means and deviations. */
#include "compare_groups.h"

#include <math.h>

bool compare_is_first(const compare_lines *c, int64_t line)
{
    for (int64_t i = 0; i < line; i++)
        if (json_equal(c->line[i].conditions, c->line[line].conditions))
            return false;
    return true;
}

static void add(compare_group *g, const compare_line *l)
{
    g->seeds++;
    g->frechet += l->frechet;
    g->kid += l->kid;
    g->accuracy += l->accuracy;
    g->steps += l->steps;
    g->minutes += l->minutes;
}

static void divide(compare_group *g)
{
    double n = (double)g->seeds;
    g->frechet /= n, g->kid /= n, g->accuracy /= n, g->steps /= n, g->minutes /= n;
}

static void add_deviation(compare_group *g, const compare_line *l)
{
    g->frechet_deviation += (l->frechet - g->frechet) * (l->frechet - g->frechet);
    g->kid_deviation += (l->kid - g->kid) * (l->kid - g->kid);
}

compare_group compare_group_of(const compare_lines *c, int64_t line)
{
    compare_group g = {.seeds = 0};
    const json_t *conditions = c->line[line].conditions;
    for (int64_t i = 0; i < c->count; i++)
        if (json_equal(c->line[i].conditions, conditions))
            add(&g, &c->line[i]);
    divide(&g);
    for (int64_t i = 0; i < c->count; i++)
        if (json_equal(c->line[i].conditions, conditions))
            add_deviation(&g, &c->line[i]);
    double freedom = (double)g.seeds - 1;  /* 0 / 0 of one */
    g.frechet_deviation = sqrt(g.frechet_deviation / freedom);
    g.kid_deviation = sqrt(g.kid_deviation / freedom);
    return g;
}
