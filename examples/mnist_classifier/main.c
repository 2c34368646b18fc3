/* SPDX-License-Identifier: MIT */
/* mnist_classifier: train a small convolutional network to read digits, or measure one that was trained. */
#include "cli.h"
#include "program.h"
#include "train.h"
#include "weights.h"

#include <stdio.h>

static int fail(const ct_error *err)
{
    return cli_fail("mnist_classifier", "%s", err->message);
}

static int parse(train_options *o, const char **eval, int argc, char **argv)
{
    *o = (train_options){.out = "runs/classifier", .data = MNIST_DIR, .name = "classifier", .epochs = 6, .batch = 128, .lr = 2e-3,
                         .weight_decay = 0.01, .shift = 2, .seed = 1};
    *eval = NULL;
    const cli_option options[] = {
        {CLI_TEXT, "eval", eval, .value = "FILE", .help = "do not train: measure these weights on the test set"},
        {CLI_TEXT, "out", &o->out, .value = "DIR", .help = "where classifier.safetensors goes"},
        {CLI_TEXT, "data", &o->data, .value = "DIR", .help = "28 x 28 images in MNIST's format"},
        {CLI_TEXT, "name", &o->name, .value = "NAME", .help = "what reports call these weights, at most 63 bytes"},
        {CLI_INT, "epochs", &o->epochs, 1, 10000, .help = "times the training set is seen"},
        {CLI_INT, "batch", &o->batch, 1, 60000, .help = "images of a step"},
        {CLI_DOUBLE, "lr", &o->lr, 1e-12, 1e3, .help = "learning rate of AdamW at the start of its cosine"},
        {CLI_DOUBLE, "weight-decay", &o->weight_decay, 0, 1e3, .help = "AdamW: decay of the weights"},
        {CLI_INT, "shift", &o->shift, 0, 14, .help = "images are moved by up to so many pixels each way"},
        {CLI_INT, "seed", &o->seed, 0, 9007199254740992.0, .help = "the same seed gives the same weights"},
        {CLI_INT, "threads", &o->threads, 0, 1024, .help = "threads, 0 for one a core"},
    };
    return cli_parse("mnist_classifier", "Train a convolutional network to read handwritten digits.",
                     CLI_COUNT(options), options, argc, argv);
}

static int evaluate(const char *path, const train_options *o)
{
    ct_error err;
    test_set test;
    nn_params *weights;
    weights_info info;
    if (!weights_read(path, &weights, &info, &err))
        return fail(&err);
    bool ready = test_set_read(&test, o->data, &err);
    int64_t right = ready ? test_set_count_right(&test, weights, info.classes, o->threads, &err) : -1;
    if (right >= 0)
        printf("%s, weights %s\naccuracy %lld of %lld\n", info.name, info.content, (long long)right,
               (long long)test.count);
    test_set_free(&test);
    nn_params_free(weights);
    return right >= 0 ? 0 : fail(&err);
}

static int command(int argc, char **argv)
{
    train_options options;
    const char *eval;
    ct_error err;
    int status = parse(&options, &eval, argc, argv);
    if (status >= 0)
        return status;
    if (eval)
        return evaluate(eval, &options);
    return train_classifier(&options, &err) ? 0 : fail(&err);
}

int main(int argc, char **argv)
{
    program_begin();
    return program_end("mnist_classifier", command(argc, argv));
}
