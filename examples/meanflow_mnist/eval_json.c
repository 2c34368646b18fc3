/* SPDX-License-Identifier: MIT */
/* The figures as JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval_report.h"
#include "seal.h"
#include "whole_file.h"

/* A string with what JSON does not allow in it escaped. */
static void put_text(FILE *to, const char *key, const char *text)
{
    fprintf(to, "\"%s\": \"", key);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(to, "\\%c", *c);
        else if ((unsigned char)*c < ' ')
            fprintf(to, "\\u%04x", *c);
        else
            fputc(*c, to);
    }
    fputc('"', to);
}

/* A number that the model's file says, or null. */
static void put_said(FILE *to, const char *key, const char *text)
{
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end || !isfinite(x))
        fprintf(to, "\"%s\": null", key);
    else
        fprintf(to, "\"%s\": %.15g", key, x);
}

/* The list of times, or "equal". */
static void put_times(FILE *to, const cli_list *times)
{
    if (times->count == 0)
        put_text(to, "times", "equal");
    for (int i = 0; i < times->count; i++)
        fprintf(to, "%s%.15g%s", i > 0 ? ", " : "\"times\": [", times->value[i], i == times->count - 1 ? "]" : "");
}

static void put_sampler(FILE *to, const eval_subject *s)
{
    const sampler_options *o = s->draw;
    put_text(to, "sampler", o->sampler);
    fputs(", ", to);
    put_times(to, &o->times);
    if (s->guided != MF_FLOW_UNGUIDED)
        fprintf(to, ", \"omega\": %.15g", o->omega);
    if (s->guided == MF_FLOW_OMEGA_INTERVAL)
        fprintf(to, ", \"guidance_low\": %.15g, \"guidance_high\": %.15g", o->low, o->high);
}

static void put_subject(FILE *to, const eval_subject *s)
{
    fputs("  ", to);
    put_text(to, "model", s->model);
    fputs(",\n  ", to);
    put_text(to, "weights", s->weights);
    fputs(", ", to);
    put_said(to, "ema_decay", s->decay);
    fputs(", ", to);
    put_said(to, "step", s->step);
    fprintf(to, ", \"seed\": %lld,\n  ", (long long)s->draw->seed);
    put_sampler(to, s);
    fputs(",\n  \"extractor\": {", to);
    put_text(to, "name", s->extractor);
    fputs(", ", to);
    put_text(to, "content", s->extractor_content);
    fprintf(to, ", \"features\": %lld, \"test_accuracy\": %.4f},\n  \"reference\": {\"split\": \"train\", ",
            (long long)s->features, s->extractor_accuracy);
    put_text(to, "data", s->data);
    fputs(", ", to);
    put_text(to, "content", s->data_content);
    fprintf(to, ", \"images\": %lld},\n", (long long)s->reference);
}

static void put_neighbours(FILE *to, const eval_figures *f)
{
    fprintf(to, "\"neighbours\": %lld, \"nearest_mean\": %.9g, \"nearest_median\": %.9g, \"nearest_first\": %.9g, ",
            (long long)f->neighbours, f->nearest_mean, f->nearest_median, f->nearest_first);
    fprintf(to, "\"nearer\": %.9g,\n     ", f->nearer);
}

/* The pairs of an object, without its braces. */
static void put_figures(FILE *to, const eval_figures *f)
{
    fprintf(to, "\"images\": %lld, \"frechet\": %.9g, \"kid\": %.9g,\n     ", (long long)f->count, f->frechet, f->kid);
    if (f->neighbours)
        put_neighbours(to, f);
    fprintf(to, "\"class_accuracy\": %.9g, \"class_entropy\": %.9g, \"classes\": [", class_accuracy(&f->classes),
            class_entropy(&f->classes));
    for (int64_t c = 0; c < f->classes.classes; c++)
        fprintf(to, "%s%lld", c ? ", " : "", (long long)f->classes.read[c]);
    fputc(']', to);
}

static void put_report(FILE *to, const eval_subject *s, const eval_figures *floor, int64_t n,
                       const eval_figures *samples)
{
    fputs("{\n", to);
    put_subject(to, s);
    fputs("  \"floor\": {\"split\": \"test\", ", to);
    put_figures(to, floor);
    fputs("},\n  \"samples\": [", to);
    for (int64_t i = 0; i < n; i++) {
        fprintf(to, "%s\n    {\"nfe\": %lld, ", i ? "," : "", (long long)samples[i].nfe);
        put_figures(to, &samples[i]);
        fputc('}', to);
    }
    fputs("\n  ],\n  \"digest\": \"" SEAL_BLANK "\"\n}\n", to);
}

bool eval_report_write(const char *path, const eval_subject *s, const eval_figures *floor, int64_t n,
                       const eval_figures *samples, ct_error *err)
{
    whole_file f;
    if (!whole_file_begin(&f, err))
        return false;
    put_report(f.to, s, floor, n, samples);
    return whole_file_commit(&f, path, err);
}
