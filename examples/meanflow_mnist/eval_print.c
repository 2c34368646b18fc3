/* SPDX-License-Identifier: MIT */
/* The table of figures. */
#include "eval_report.h"

#include <math.h>
#include <stdio.h>

#include "program.h"

/* "jump, times 1, 0.5, 0, guidance of scale 2 from time 0 to 1" */
static void print_sampler(const eval_subject *s)
{
    const sampler_options *o = s->draw;
    printf("sampler    %s, %s", o->sampler, o->times.count > 0 ? "times " : "equal steps");
    for (int i = 0; i < o->times.count; i++)
        printf("%s%.15g", i > 0 ? ", " : "", o->times.value[i]);
    if (s->guided != MF_FLOW_UNGUIDED)
        printf(", guidance of scale %.15g", o->omega);
    if (s->guided == MF_FLOW_OMEGA_INTERVAL)
        printf(" from time %.15g to %.15g", o->low, o->high);
    putchar('\n');
}

static void print_head(const eval_subject *s, const eval_figures *f)
{
    printf("samples    %lld of %s, nfe %lld, seed %lld\n", (long long)f->count, s->model, (long long)f->nfe,
           (long long)s->draw->seed);
    print_sampler(s);
    printf("weights    %s%s%s%s%s\n", s->weights, *s->decay ? ", decay " : "", s->decay, *s->step ? ", step " : "",
           s->step);
    printf("extractor  %s (%s), %lld features, test accuracy %.2f %%\n", s->extractor, s->extractor_content,
           (long long)s->features, 100 * s->extractor_accuracy);
    printf("reference  train split of %s (%s), %lld images\n", s->data, s->data_content, (long long)s->reference);
}

static void print_row(const char *what, int digits, double samples, double floor)
{
    printf("  %-42s %12.*f %12.*f\n", what, digits, samples, digits, floor);
}

static void print_neighbours(const eval_figures *samples, const eval_figures *floor)
{
    print_row("nearest training image, of the first", 0, (double)samples->neighbours, (double)floor->neighbours);
    print_row("  mean distance, pixels in [0, 1]", 3, samples->nearest_mean, floor->nearest_mean);
    print_row("  median", 3, samples->nearest_median, floor->nearest_median);
    print_row("  one in a hundred is no farther than", 3, samples->nearest_first, floor->nearest_first);
    print_row("  nearer than that of the test set, %", 2, 100 * samples->nearer, 100 * floor->nearer);
}

static void print_classes(const class_counts *samples, const class_counts *floor)
{
    print_row("class accuracy, %", 2, 100 * class_accuracy(samples), 100 * class_accuracy(floor));
    print_row("class entropy, nats", 4, class_entropy(samples), class_entropy(floor));
    for (int64_t c = 0; c < samples->classes; c++) {
        char name[48];
        snprintf(name, sizeof name, "  read as class %lld, %%", (long long)c);
        print_row(name, 2, 100 * (double)samples->read[c] / (double)samples->count,
                  100 * (double)floor->read[c] / (double)floor->count);
    }
}

void eval_report_print(const eval_subject *s, const eval_figures *floor, const eval_figures *samples)
{
    print_head(s, samples);
    printf("  %-42s %12s %12s\n", "", "samples", "floor: test");
    print_row("images", 0, (double)samples->count, (double)floor->count);
    print_row("Frechet distance", 4, samples->frechet, floor->frechet);
    print_row("kernel distance (KID), unbiased", 4, samples->kid, floor->kid);
    if (samples->neighbours)
        print_neighbours(samples, floor);
    print_classes(&samples->classes, &floor->classes);
    program_flush();
}
