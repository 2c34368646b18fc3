/* SPDX-License-Identifier: MIT */
/* eval.json: all that its figures depend on, and the figures in a table, a column for each set of images. */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "number.h"
#include "report_parts.h"

/* How the figures are called and written; others stand under their own names. */
typedef enum form { AS_IT_IS, DECIMALS, PERCENT, OF_IMAGES } form;
static const struct figure {
    const char *key, *label;
    form form;
} figures[] = {
    {"images", "images", AS_IT_IS},
    {"frechet", "Fréchet distance", DECIMALS},
    {"kid", "kernel distance (KID), unbiased", DECIMALS},
    {"neighbours", "nearest training image, of the first", AS_IT_IS},
    {"nearest_mean", "– mean distance, pixels in [0, 1]", DECIMALS},
    {"nearest_median", "– median", DECIMALS},
    {"nearest_first", "– one in a hundred is no farther than", DECIMALS},
    {"nearer", "– nearer than that of the test set", PERCENT},
    {"class_accuracy", "class accuracy", PERCENT},
    {"class_entropy", "class entropy, nats", DECIMALS},
    {"classes", "read as class", OF_IMAGES},
};

static struct figure figure_of(const char *key)
{
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strcmp(figures[i].key, key) == 0)
            return figures[i];
    return (struct figure){key, key, AS_IT_IS};
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* With all its digits; a list with commas. */
static void put_exact(FILE *to, const json_t *value)
{
    size_t i;
    const json_t *item;
    if (json_is_array(value)) {
        json_array_foreach(value, i, item) {
            fputs(i > 0 ? ", " : "", to);
            put_exact(to, item);
        }
    } else if (json_is_string(value))
        html_text(to, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(to, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        fprintf(to, "%.15g", json_real_value(value));
    else
        fputs(json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "–", to);
}

static void put_readable(FILE *to, const json_t *value, form form, double images)
{
    char text[NUMBER_SIZE];
    double x = json_number_value(value);
    if (!json_is_number(value))
        put_exact(to, value);
    else if (form == AS_IT_IS)
        fputs(number_text(x, json_is_integer(value) ? 15 : 4, text), to);
    else if (form == DECIMALS)
        fprintf(to, "%.3f", x);
    else
        fprintf(to, "%.2f %%", 100 * (form == OF_IMAGES ? x / images : x));
}

/* Entry `index` of a list, or the value itself. */
static const json_t *entry(const json_t *value, size_t index)
{
    return json_is_array(value) ? json_array_get(value, index) : value;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* A bar as long as the share of images, with the largest share as the whole. */
static void put_cell(FILE *to, const json_t *set, struct figure figure, size_t index, double largest)
{
    const json_t *value = entry(json_object_get(set, figure.key), index);
    double images = json_number_value(json_object_get(set, "images"));
    fputs("<td title=\"", to);
    put_exact(to, value);
    if (figure.form == OF_IMAGES && images > 0 && largest > 0)
        fprintf(to, "\" class=\"bar\" style=\"--part: %.1f%%", 100 * json_number_value(value) / images / largest);
    fputs("\">", to);
    put_readable(to, value, figure.form, images);
    fputs("</td>", to);
}

static void put_row(FILE *to, const json_t *sets, struct figure figure, size_t index, double largest)
{
    const json_t *value = json_object_get(json_array_get(sets, 0), figure.key), *set;
    size_t i;
    fputs("<tr><th scope=\"row\">", to);
    html_text(to, figure.label);
    if (json_is_array(value))
        fprintf(to, " %zu", index);
    fputs("</th>", to);
    json_array_foreach(sets, i, set)
        put_cell(to, set, figure, index, largest);
    fputs("</tr>\n", to);
}

/* The largest share of images in any entry of any set. */
static double largest_share(const json_t *sets, const char *key)
{
    double largest = 0;
    size_t i, k;
    const json_t *set, *value;
    json_array_foreach(sets, i, set) {
        double images = json_number_value(json_object_get(set, "images"));
        json_array_foreach(json_object_get(set, key), k, value)
            if (images > 0 && json_number_value(value) / images > largest)
                largest = json_number_value(value) / images;
    }
    return largest;
}

static void put_heads(FILE *to, const json_t *sets)
{
    size_t i;
    const json_t *set;
    fputs("<thead><tr><th></th>", to);
    json_array_foreach(sets, i, set) {
        const json_t *split = json_object_get(set, "split");
        fputs(split ? "<th scope=\"col\">floor: " : "<th scope=\"col\">nfe ", to);
        put_exact(to, split ? split : json_object_get(set, "nfe"));
        fputs("</th>", to);
    }
    fputs("</tr></thead>\n", to);
}

/* Rows are the keys of the first set, the floor. */
static void put_table(FILE *to, json_t *sets)
{
    const char *key;
    json_t *value;
    fputs("<div class=\"wide\"><table>\n", to);
    put_heads(to, sets);
    fputs("<tbody>\n", to);
    json_object_foreach(json_array_get(sets, 0), key, value) {
        struct figure figure = figure_of(key);
        size_t rows = json_is_array(value) ? json_array_size(value) : 1;
        for (size_t i = 0; i < rows && strcmp(key, "split") != 0; i++)
            put_row(to, sets, figure, i, largest_share(sets, key));
    }
    fputs("</tbody>\n</table></div>\n", to);
}

/* --- all that the figures depend on ------------------------------------------------------------------------------- */

static void put_fact(FILE *to, const char *of, const char *key, const json_t *value)
{
    fputs("<div><dt>", to);
    html_text(to, of);
    fputs(*of ? ": " : "", to);
    for (; *key; key++)
        html_text(to, (char[]){*key == '_' ? ' ' : *key, 0});
    fputs("</dt><dd>", to);
    put_exact(to, value);
    fputs("</dd></div>\n", to);
}

static void put_facts(FILE *to, json_t *evaluation)
{
    const char *key, *inner;
    json_t *value, *part;
    fputs("<dl class=\"facts\">\n", to);
    json_object_foreach(evaluation, key, value) {
        if (strcmp(key, "floor") == 0 || strcmp(key, "samples") == 0)
            continue;
        if (!json_is_object(value))
            put_fact(to, "", key, value);
        json_object_foreach(value, inner, part)
            put_fact(to, key, inner, part);
    }
    fputs("</dl>\n", to);
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* The floor, then the sets of samples; NULL when there is no memory. */
static json_t *list_sets(json_t *evaluation)
{
    json_t *sets = json_array();
    json_array_append(sets, json_object_get(evaluation, "floor"));
    json_array_extend(sets, json_object_get(evaluation, "samples"));
    return sets;
}

static bool is_old(const report *r)
{
    return json_number_value(json_object_get(r->run.evaluation, "step")) < run_results_last(&r->run, "step");
}

void report_put_evaluation(const report *r)
{
    if (!r->run.evaluation)
        return;
    json_t *sets = list_sets(r->run.evaluation);
    fputs("<section>\n<h2>Evaluation</h2>\n", r->to);
    if (is_old(r))
        fputs("<p class=\"note warning\">The run has gone on since these figures were measured.</p>\n", r->to);
    fputs("<div class=\"evaluation\">\n", r->to);
    put_table(r->to, sets);
    put_facts(r->to, r->run.evaluation);
    fputs("</div>\n</section>\n", r->to);
    json_decref(sets);
}
