/* SPDX-License-Identifier: MIT */
/* The tables. */
#include "compare_table.h"

#include <math.h>

#include "compare_differences.h"
#include "compare_groups.h"
#include "number.h"
#include "whole_file.h"

/* --- Markdown ----------------------------------------------------------------------------------------------------- */

static void put_head(FILE *to, const json_t *differences)
{
    size_t i;
    const json_t *name;
    json_array_foreach(differences, i, name)
        fprintf(to, "| %s ", json_string_value(name));
    fputs("| seeds | steps done | minutes | Fréchet distance | KID | class accuracy |\n", to);
    for (i = 0; i < json_array_size(differences) + 6; i++)
        fputs("| --- ", to);
    fputs("|\n", to);
}

/* "352.1 ± 3.2" */
static void put_mean(FILE *to, double mean, double deviation)
{
    char text[NUMBER_SIZE];
    fprintf(to, " %s", number_text(mean, 4, text));
    if (isfinite(deviation))
        fprintf(to, " ± %s", number_text(deviation, 2, text));
    fputs(" |", to);
}

static void put_group(FILE *to, const compare_lines *c, const json_t *differences, int64_t line)
{
    size_t i;
    const json_t *name;
    char steps[NUMBER_SIZE], minutes[NUMBER_SIZE];
    compare_group g = compare_group_of(c, line);
    json_array_foreach(differences, i, name)
        fprintf(to, "| %s ", compare_value(&c->line[line], json_string_value(name)));
    fprintf(to, "| %lld | %s | %s |", (long long)g.seeds, number_decimals(g.steps, 0, steps),
            number_decimals(g.minutes, 1, minutes));
    put_mean(to, g.frechet, g.frechet_deviation);
    put_mean(to, g.kid, g.kid_deviation);
    fprintf(to, " %.2f %% |\n", 100 * g.accuracy);
}

static const char *text_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "?";
}

/* Who measured, and against what. */
static void put_judge(FILE *to, const json_t *evaluation)
{
    char images[NUMBER_SIZE];
    const json_t *extractor = json_object_get(evaluation, "extractor");
    const json_t *reference = json_object_get(evaluation, "reference");
    number_text(json_number_value(json_object_get(reference, "images")), 12, images);
    fprintf(to, "extractor %s (%s), reference: %s split (%s), %s images.", text_in(extractor, "name"),
            text_in(extractor, "content"), text_in(reference, "split"), text_in(reference, "content"), images);
}

static void put_floor(FILE *to, const json_t *floor)
{
    char images[NUMBER_SIZE], frechet[NUMBER_SIZE], kid[NUMBER_SIZE];
    fprintf(to, " The floor, %s images of the %s set: Fréchet distance %s, KID %s, class accuracy %.2f %%.\n",
            number_text(json_number_value(json_object_get(floor, "images")), 12, images), text_in(floor, "split"),
            number_text(json_number_value(json_object_get(floor, "frechet")), 4, frechet),
            number_text(json_number_value(json_object_get(floor, "kid")), 4, kid),
            100 * json_number_value(json_object_get(floor, "class_accuracy")));
}

void compare_print(const compare_lines *c, const json_t *differences)
{
    put_head(stdout, differences);
    for (int64_t i = 0; i < c->count; i++)
        if (compare_is_first(c, i))
            put_group(stdout, c, differences, i);
    fputs("\n±: standard deviation over seeds. In all rows: ", stdout);
    compare_put_common(stdout, c);
    fputs("; ", stdout);
    put_judge(stdout, c->evaluation);
    put_floor(stdout, json_object_get(c->evaluation, "floor"));
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

/* With quotes around it, which are doubled inside. */
static void put_quoted(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++)
        fputs(*text == '"' ? "\"\"" : (char[]){*text, 0}, to);
    fputs("\",", to);
}

/* Nothing where there is no number: a run without a log has no minutes. */
static void put_number(FILE *to, double x, int digits)
{
    if (isfinite(x))
        fprintf(to, "%.*g", digits, x);
    fputc(',', to);
}

static void put_line(FILE *to, const compare_line *l, const json_t *differences)
{
    size_t i;
    const json_t *name;
    put_quoted(to, l->run);
    json_array_foreach(differences, i, name)
        put_quoted(to, compare_value(l, json_string_value(name)));
    fprintf(to, "%s,", json_string_value(l->seed));
    put_number(to, l->steps, 12);
    put_number(to, l->minutes, 4);
    fprintf(to, "%.9g,%.9g,%.9g\n", l->frechet, l->kid, l->accuracy);
}

bool compare_write(const compare_lines *c, const json_t *differences, const char *path, ct_error *err)
{
    size_t i;
    const json_t *name;
    whole_file f;
    if (!whole_file_begin(&f, err))
        return false;
    fputs("run,", f.to);
    json_array_foreach(differences, i, name)
        fprintf(f.to, "%s,", json_string_value(name));
    fputs("seed,steps done,minutes,frechet,kid,class_accuracy\n", f.to);
    for (int64_t k = 0; k < c->count; k++)
        put_line(f.to, &c->line[k], differences);
    return whole_file_commit(&f, path, err);
}
