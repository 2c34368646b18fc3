/* SPDX-License-Identifier: MIT */
/* Which steps run together. A group is a set of elementwise steps, row reductions and sums down columns between two contractions that could run as one step: all of its
 * values are full or of the rows, every value that passes between members passes element by element or row by row, and no path leads out of the group and
 * back. Starting from single steps, the groups of a value's maker and reader are joined wherever that stays true.
 * Contractions separate groups, so that a value is not made long before, or its operands kept long after, the order of steps would have it. */
#include "fuse.h"
#include <stdlib.h>

/* --- what can be fused -------------------------------------------------------------------------------------------------- */

static void classify(joiner *j)
{
    const ct_program *p = j->p;
    int segment = 0;
    for (int s = 0; s < p->n_steps; s++) {
        const step *t = &p->steps[s];
        const ct_array *y = &p->values[t->out[0]].array;
        int64_t columns = 1, count = ct_array_count(y);
        column_sum sum;
        segment += is_contraction(t);
        bool reduces = ct_fuse_reduces_rows(p, t, &columns), sums = ct_fuse_sums_columns(p, t, &sum);
        j->segment[s] = (t->kind == STEP_MAP || reduces || sums) && count > 0 && !p->options.no_fuse ? segment : -1;
        j->g->full[s] = sums ? count * sum.n : count * columns;
        j->g->rows[s] = sums ? sum.segments * sum.n : reduces ? count : 0;
        j->g->unit[s] = sums ? sum.block : 1;
        j->g->group[s] = j->g->tail[s] = s;
        j->g->size[s] = 1;
        j->g->next[s] = -1;
    }
}

/* --- who reads whom ------------------------------------------------------------------------------------------------------- */

static void find_makers(joiner *j)
{
    for (int v = 0; v < j->p->n_values; v++)
        j->g->maker[v] = -1;
    for (int s = 0; s < j->p->n_steps; s++)
        j->g->maker[j->p->steps[s].out[0]] = s;
}

static bool find_readers(joiner *j)
{
    const ct_program *p = j->p;
    int total = 0;
    for (int s = 0; s < p->n_steps; s++)
        for (int i = 0; i < p->steps[s].n; i++) {
            int m = maker_of(j, p->steps[s].x[i]);
            if (m >= 0)
                j->reader_start[m + 1]++, total++;
        }
    for (int s = 0; s < p->n_steps; s++)
        j->reader_start[s + 1] += j->reader_start[s];
    j->reader = calloc((size_t)total + 1, sizeof *j->reader);
    int *at = calloc((size_t)p->n_steps + 1, sizeof *at);
    for (int s = 0; j->reader && at && s < p->n_steps; s++)
        for (int i = 0; i < p->steps[s].n; i++) {
            int m = maker_of(j, p->steps[s].x[i]);
            if (m >= 0)
                j->reader[j->reader_start[m] + at[m]++] = s;
        }
    bool ok = j->reader && at;
    free(at);
    return ok;
}

/* --- whether two groups may become one --------------------------------------------------------------------------------------- */

static ct_dtype dtype_of(const joiner *j, int s)
{
    return j->p->values[j->p->steps[s].out[0]].array.dtype;
}

/* The levels of the two together: at most two sizes, of which one divides the other. */
static bool levels_fit(const grouping *g, int a, int b, int64_t *full, int64_t *rows)
{
    int64_t size[4] = {g->full[a], g->rows[a], g->full[b], g->rows[b]};
    *full = size[0] > size[2] ? size[0] : size[2];
    *rows = 0;
    for (int i = 0; i < 4; i++) {
        if (size[i] == 0 || size[i] == *full)
            continue;
        if (*rows && *rows != size[i])
            return false;
        *rows = size[i];
    }
    if (*rows == 0)
        return true;
    /* One number that is no reduction of the group's (a learning rate) is for many to read: it does not wait for what one of them needs. */
    if (*rows == 1 && *full > 1 && !g->rows[a] && !g->rows[b])
        return false;
    /* Where both say what their rows are, they say the same. */
    bool same = !g->rows[a] || !g->rows[b] || (g->rows[a] == g->rows[b] && g->full[a] == g->full[b]);
    return same && *full % *rows == 0 && *full / *rows <= MOST_COLUMNS;
}

/* Elements of the level at which member s reads its operands. */
static int64_t reading_level(const joiner *j, int s)
{
    return ct_array_count(&j->p->values[j->p->steps[s].x[0]].array);
}

/* Every value that members of `group` read from members of `other` passes in a way the fused step can follow. */
static bool passes(const joiner *j, int group, int other, int64_t full, int64_t rows)
{
    for (int s = group; s >= 0; s = j->g->next[s]) {
        const step *t = &j->p->steps[s];
        for (int i = 0; i < t->n; i++) {
            int m = maker_of(j, t->x[i]);
            column_sum sum;
            if (m < 0 || j->g->group[m] != other)
                continue;
            if (ct_fuse_sums_columns(j->p, &j->p->steps[m], &sum))
                return false;  /* not there before all rows have been seen */
            relation r = ct_fuse_relation(j->p, t->x[i]);
            int64_t made = ct_array_count(&j->p->values[j->p->steps[m].out[0]].array);
            bool spread = r == SPREAD && made == rows && reading_level(j, s) == full;
            if (r != SAME && !spread)
                return false;
        }
    }
    return true;
}

/* Put the readers of group a on the stack, those in `a` and `except` left out. */
static int push_readers(joiner *j, int a, int except, int top)
{
    for (int s = a; s >= 0; s = j->g->next[s])
        for (int k = j->reader_start[s]; k < j->reader_start[s + 1]; k++) {
            int h = j->g->group[j->reader[k]];
            if (h == a || h == except || j->seen[h])
                continue;
            j->seen[h] = true;
            j->stack[top++] = h;
        }
    return top;
}

bool ct_fuse_leads_around(joiner *j, int a, int b)
{
    int top = push_readers(j, a, b, 0), visited = top;
    bool found = false;
    for (int k = 0; k < visited; k++) {
        int h = j->stack[k];
        for (int s = h; s >= 0 && !found; s = j->g->next[s])
            for (int i = j->reader_start[s]; i < j->reader_start[s + 1] && !found; i++)
                found = j->g->group[j->reader[i]] == b;
        if (found)
            break;
        visited = push_readers(j, h, b, visited);
    }
    for (int k = 0; k < visited; k++)
        j->seen[j->stack[k]] = false;
    return found;
}

static bool may_join(joiner *j, int a, int b, int64_t *full, int64_t *rows)
{
    const grouping *g = j->g;
    return j->segment[a] == j->segment[b] && g->size[a] + g->size[b] <= LARGEST_GROUP && dtype_of(j, a) == dtype_of(j, b) &&
           levels_fit(g, a, b, full, rows) && ct_fuse_common_unit(g->unit[a], g->unit[b]) <= LARGEST_UNIT && passes(j, a, b, *full, *rows) && passes(j, b, a, *full, *rows) &&
           !ct_fuse_leads_around(j, a, b) && !ct_fuse_leads_around(j, b, a);
}

/* --- joining --------------------------------------------------------------------------------------------------------------------- */

/* Merge two lists of steps, both in order; the group's number is its first step. */
void ct_fuse_join(joiner *j, int a, int b, int64_t full, int64_t rows)
{
    grouping *g = j->g;
    int first = a < b ? a : b, size = g->size[a] + g->size[b], tail = g->tail[a] > g->tail[b] ? g->tail[a] : g->tail[b];
    int x = a, y = b, last = -1;
    while (x >= 0 || y >= 0) {
        int *from = y < 0 || (x >= 0 && x < y) ? &x : &y, s = *from;
        *from = g->next[s];
        g->group[s] = first;
        if (last >= 0)
            g->next[last] = s;
        last = s;
    }
    g->next[last] = -1;
    g->size[first] = size;
    g->tail[first] = tail;
    g->unit[first] = ct_fuse_common_unit(g->unit[a], g->unit[b]);
    g->full[first] = full;
    g->rows[first] = rows;
}

static void try_to_join(joiner *j, int s, int t)
{
    int a = j->g->group[s], b = j->g->group[t];
    int64_t full, rows;
    if (a != b && j->segment[s] >= 0 && j->segment[t] >= 0 && may_join(j, a, b, &full, &rows))
        ct_fuse_join(j, a, b, full, rows);
}

static void join_makers_and_readers(joiner *j)
{
    for (int s = 0; s < j->p->n_steps; s++)
        for (int i = 0; i < j->p->steps[s].n; i++) {
            int m = maker_of(j, j->p->steps[s].x[i]);
            if (m >= 0)
                try_to_join(j, m, s);
        }
}

/* What reads one product as a whole: it is read once, and all of it can run on the product's rows. */
static void join_readers_of_products(joiner *j)
{
    for (int s = 0; s < j->p->n_steps; s++) {
        int64_t count = ct_array_count(&j->p->values[j->p->steps[s].out[0]].array);
        for (int k = j->reader_start[s] + 1; is_product(&j->p->steps[s]) && k < j->reader_start[s + 1]; k++) {
            int a = j->reader[k - 1], b = j->reader[k];
            if (j->g->full[j->g->group[a]] == count && j->g->full[j->g->group[b]] == count)
                try_to_join(j, a, b);
        }
    }
}

static void find_escapes(joiner *j)
{
    const ct_program *p = j->p;
    for (int v = 0; v < p->n_values; v++)
        if (p->buffers[p->values[v].buffer].kept)
            j->g->escapes[root_value(p, v)] = true;
    for (int s = 0; s < p->n_steps; s++)
        for (int i = 0; i < p->steps[s].n; i++) {
            int m = maker_of(j, p->steps[s].x[i]);
            if (m >= 0 && j->g->group[m] != j->g->group[s])
                j->g->escapes[p->steps[m].out[0]] = true;
        }
}

static bool allocate(joiner *j)
{
    size_t steps = (size_t)j->p->n_steps + 1, values = (size_t)j->p->n_values + 1;
    grouping *g = j->g;
    *g = (grouping){calloc(steps, sizeof(int)), calloc(steps, sizeof(int)), calloc(steps, sizeof(int)), calloc(steps, sizeof(int)),
                    calloc(steps, sizeof(int64_t)), calloc(steps, sizeof(int64_t)), calloc(steps, sizeof(int64_t)), calloc(values, sizeof(int)),
                    calloc(values, sizeof(bool))};
    j->segment = calloc(steps, sizeof(int));
    j->reader_start = calloc(steps + 1, sizeof(int));
    j->stack = calloc(steps, sizeof(int));
    j->seen = calloc(steps, sizeof(bool));
    return g->group && g->next && g->tail && g->size && g->full && g->rows && g->unit && g->maker && g->escapes && j->segment &&
           j->reader_start && j->stack && j->seen;
}

bool ct_fuse_find_groups(ct_program *p, grouping *g)
{
    joiner j = {.p = p, .g = g};
    bool ok = allocate(&j);
    if (ok) {
        classify(&j);
        find_makers(&j);
        ok = find_readers(&j);
    }
    if (ok) {
        join_makers_and_readers(&j);
        join_readers_of_products(&j);
        ct_fuse_attach_products(&j);
        find_escapes(&j);
    }
    free(j.segment);
    free(j.reader_start);
    free(j.reader);
    free(j.stack);
    free(j.seen);
    return ok;
}

void ct_fuse_grouping_free(grouping *g)
{
    free(g->group);
    free(g->next);
    free(g->tail);
    free(g->size);
    free(g->full);
    free(g->rows);
    free(g->unit);
    free(g->maker);
    free(g->escapes);
}
