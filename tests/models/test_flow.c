/* SPDX-License-Identifier: MIT */
/* The networks: names and shapes of their parameters, first values, configurations, and what they refuse. */
#include "model_case.h"
#include "patches.h"

enum { BATCH = 3 };

static ct_var *build(model_case *c, const mf_flow_config *config, ct_var *z)
{
    ct_var *t = case_row(c->g, BATCH, (double[]){0.9, 0.5, 0.4}), *r = case_row(c->g, BATCH, (double[]){0.9, 0.1, 0.3});
    mf_flow_net net = mf_flow_config_net(config);
    net.guidance = mf_flow_config_guidance(config, c->g, CT_F64, BATCH, 2, 0.1, 0.9);
    return mf_flow_apply(net, c->s, z, t, r, case_labels(c->g, BATCH, config->classes));
}

static ct_var *images(model_case *c, const mf_flow_config *config)
{
    return case_constant(c->g, CT_F64, CT_SHAPE(BATCH, config->channels, config->size, config->size), 3, -1, 1);
}

/* Every parameter is in the file, and the file's every parameter is in the network. */
static void check_names(const nn_params *params, const ct_archive *file)
{
    int64_t in_file = 0;
    for (int64_t i = 0; i < ct_archive_count(file); i++)
        in_file += strncmp(ct_archive_name(file, i), "params.", 7) == 0;
    assert_int_equal(in_file, nn_params_count(params));
    for (int64_t i = 0; i < nn_params_count(params); i++) {
        char name[300];
        snprintf(name, sizeof name, "params.%s", nn_params_name(params, i));
        ct_tensor *t = ct_archive_find(file, name);
        if (!t)
            fail_msg("the reference has no %s", name);
        assert_string_equal(CT_SHAPE_TEXT(ct_tensor_shape(nn_params_tensor(params, i))), CT_SHAPE_TEXT(ct_tensor_shape(t)));
    }
}

static void test_names_and_shapes_are_those_of_the_reference(void **state)
{
    (void)state;
    const char *paths[] = {TEST_DATA_DIR "/mlp.safetensors", TEST_DATA_DIR "/dit.safetensors"};
    for (int i = 0; i < 2; i++) {
        ct_error err;
        mf_flow_config config;
        ct_archive *file = ct_archive_read(paths[i], &err);
        assert_ok(file, &err);
        assert_ok(mf_flow_config_load(&config, file, &err), &err);
        model_case c = case_new(CT_F64);
        assert_ok(build(&c, &config, images(&c, &config)), ct_graph_error(c.g));
        check_names(c.params, file);
        ct_archive_free(file);
        case_free(&c);
    }
}

static void check_parameters(const char *model, int64_t numbers)
{
    mf_flow_config config;
    ct_error err;
    assert_ok(mf_flow_config_default(&config, model, &err), &err);
    model_case c = case_new(CT_F32);
    ct_var *z = case_constant(c.g, CT_F32, CT_SHAPE(BATCH, 1, 28, 28), 3, -1, 1);
    ct_var *t = ct_full(c.g, CT_F32, CT_SHAPE(BATCH), 0.5);
    assert_ok(mf_flow_apply(mf_flow_config_net(&config), c.s, z, t, t, case_labels(c.g, BATCH, 10)), ct_graph_error(c.g));
    assert_int_equal(nn_params_numbers(c.params), numbers);
    case_free(&c);
}

/* Counted by hand from the layers. */
static void test_default_networks_have_their_size(void **state)
{
    (void)state;
    const int64_t w = 512, v = 256;
    int64_t time = 256 * w + w + w * w + w, block = 2 * (w * w + w) + 3 * (w * w + w), last = 2 * (w * w + w) + 784 * w + 784;
    check_parameters("mlp", 784 * w + w + 2 * time + 11 * w + 6 * block + last);
    time = 2 * (v * v + v);
    block = 4 * (v * v + v) + (4 * v * v + 4 * v) + (4 * v * v + v) + 6 * (v * v + v);
    check_parameters("dit", 16 * v + v + 2 * time + 11 * v + 6 * block + 2 * (v * v + v) + 16 * v + 16);
}

/* adaLN-zero: a new network is the zero function. */
static void test_a_new_network_returns_zero(void **state)
{
    (void)state;
    const char *models[] = {"mlp", "dit"};
    for (int i = 0; i < 2; i++) {
        model_case c = case_new(CT_F64);
        mf_flow_config config = case_config(models[i]);
        ct_tensor *u = case_value(c.g, build(&c, &config, images(&c, &config)));
        for (int64_t j = 0; j < ct_tensor_count(u); j++)
            assert_close(ct_tensor_get(u, j), 0, 0);
        ct_tensor_free(u);
        case_free(&c);
    }
}

static void moments(const nn_params *p, const char *name, double *mean, double *deviation, double *largest)
{
    const ct_tensor *t = nn_params_find(p, name);
    if (!t)
        fail_msg("no parameter %s", name);
    double n = (double)ct_tensor_count(t), sum = 0, square = 0;
    *largest = 0;
    for (int64_t i = 0; i < ct_tensor_count(t); i++) {
        double x = ct_tensor_get(t, i);
        sum += x;
        square += x * x;
        *largest = fmax(*largest, fabs(x));
    }
    *mean = sum / n;
    *deviation = sqrt(square / n - *mean * *mean);
}

/* Uniform within the limit: the deviation is limit / sqrt 3 and the largest value near the limit. */
static void check_uniform(const nn_params *p, const char *name, double limit)
{
    double mean, deviation, largest;
    moments(p, name, &mean, &deviation, &largest);
    assert_true(largest <= limit && largest > 0.95 * limit);
    assert_close(deviation, limit / sqrt(3), 0.05 * limit);
    assert_close(mean, 0, 0.06 * limit);
}

static void check_normal(const nn_params *p, const char *name, double expected)
{
    double mean, deviation, largest;
    moments(p, name, &mean, &deviation, &largest);
    assert_close(deviation, expected, 0.1 * expected);
    assert_close(mean, 0, 0.15 * expected);
}

static void check_zero(const nn_params *p, const char *name)
{
    double mean, deviation, largest;
    moments(p, name, &mean, &deviation, &largest);
    assert_close(largest, 0, 0);
}

static void test_first_values_of_the_dit(void **state)
{
    (void)state;
    model_case c = case_new(CT_F64);
    mf_flow_config config = case_config("dit");
    config.width = 32;
    config.classes = 40;
    config.frequencies = 32;
    assert_ok(build(&c, &config, images(&c, &config)), ct_graph_error(c.g));
    check_uniform(c.params, "x_embedder.proj.weight", sqrt(6.0 / (4 + 32)));
    check_uniform(c.params, "blocks.0.attn.qkv.weight", sqrt(6.0 / (32 + 96)));
    check_uniform(c.params, "blocks.0.mlp.fc2.weight", sqrt(6.0 / (32 + 128)));
    check_normal(c.params, "t_embedder.mlp.0.weight", 0.02);
    check_normal(c.params, "h_embedder.mlp.2.weight", 0.02);
    check_normal(c.params, "y_embedder.embedding_table.weight", 0.02);
    const char *zero[] = {"x_embedder.proj.bias", "blocks.0.attn.qkv.bias", "blocks.0.attn.proj.bias", "t_embedder.mlp.0.bias",
                          "blocks.0.adaLN_modulation.1.weight", "final_layer.adaLN_modulation.1.weight", "final_layer.linear.weight",
                          "final_layer.linear.bias"};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        check_zero(c.params, zero[i]);
    case_free(&c);
}

/* Patches are a convolution whose kernel is its stride, also with several channels. */
static void test_patches_are_a_strided_convolution(void **state)
{
    (void)state;
    model_case c = case_new(CT_F64);
    ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 3, 6, 6), 4, -1, 1);
    ct_var *tokens = mf_patches_embed(c.s, z, 2, 5);
    case_stir(&c, 3);
    ct_var *conv = nn_conv2d(c.s, z, 5, 2, (nn_conv2d_options){.stride = {2, 2}});
    conv = ct_permute(ct_reshape(conv, CT_SHAPE(2, 5, 9)), CT_AXES(0, 2, 1));
    assert_close(case_relative(c.g, tokens, conv), 0, 1e-14);
    case_free(&c);
}

/* Pixel (i, j) of channel k comes from token (i / p, j / p), element ((i mod p) p + j mod p) channels + k. */
static void test_joining_puts_pixels_in_their_place(void **state)
{
    (void)state;
    enum { P = 2, C = 3, SIZE = 6, GRID = SIZE / P, NUMBERS = P * P * C };
    model_case c = case_new(CT_F64);
    ct_var *x = ct_reshape(ct_iota(c.g, CT_F64, 2 * GRID * GRID * NUMBERS), CT_SHAPE(2, GRID * GRID, NUMBERS));
    ct_tensor *t = case_value(c.g, mf_patches_join(x, P, C, SIZE));
    for (int64_t at = 0; at < ct_tensor_count(t); at++) {
        int64_t j = at % SIZE, i = at / SIZE % SIZE, k = at / (SIZE * SIZE) % C, b = at / (SIZE * SIZE * C);
        int64_t token = i / P * GRID + j / P, element = (i % P * P + j % P) * C + k;
        assert_close(ct_tensor_get(t, at), (double)((b * GRID * GRID + token) * NUMBERS + element), 0);
    }
    ct_tensor_free(t);
    case_free(&c);
}

static bool has(const model_case *c, const char *name)
{
    return nn_params_find(c->params, name) != NULL;
}

static void test_times_choose_the_embedders(void **state)
{
    (void)state;
    const mf_flow_times times[] = {MF_FLOW_T_H, MF_FLOW_T_R, MF_FLOW_T_R_H, MF_FLOW_H};
    const bool expected[][3] = {{true, false, true}, {true, true, false}, {true, true, true}, {false, false, true}};
    for (int i = 0; i < 4; i++) {
        model_case c = case_new(CT_F64);
        mf_flow_config config = case_config("mlp");
        config.times = times[i];
        assert_ok(build(&c, &config, images(&c, &config)), ct_graph_error(c.g));
        assert_int_equal(has(&c, "t_embedder.mlp.0.weight"), expected[i][0]);
        assert_int_equal(has(&c, "r_embedder.mlp.0.weight"), expected[i][1]);
        assert_int_equal(has(&c, "h_embedder.mlp.0.weight"), expected[i][2]);
        case_free(&c);
    }
}

/* Under MF_FLOW_H only t - r counts; under the others it does not suffice. */
static void test_only_the_chosen_times_matter(void **state)
{
    (void)state;
    const mf_flow_times times[] = {MF_FLOW_T_H, MF_FLOW_T_R, MF_FLOW_T_R_H, MF_FLOW_H};
    for (int i = 0; i < 4; i++) {
        model_case c = case_new(CT_F64);
        mf_flow_config config = case_config("mlp");
        config.times = times[i];
        ct_var *z = images(&c, &config), *label = case_labels(c.g, BATCH, 3), *u[2];
        for (int j = 0; j < 2; j++) {
            ct_var *t = ct_full(c.g, CT_F64, CT_SHAPE(BATCH), j ? 0.75 : 0.5), *r = ct_full(c.g, CT_F64, CT_SHAPE(BATCH), j ? 0.5 : 0.25);
            u[j] = mf_flow_apply(mf_flow_config_net(&config), c.s, z, t, r, label);
        }
        case_stir(&c, 31);
        double d = case_relative(c.g, u[0], u[1]);
        assert_true(times[i] == MF_FLOW_H ? d < 1e-14 : d > 1e-4);
        case_free(&c);
    }
}

/* Embedders of guidance are there only when asked for. */
static void test_guided_chooses_the_embedders(void **state)
{
    (void)state;
    const char *models[] = {"mlp", "dit"};
    const mf_flow_guided guided[] = {MF_FLOW_UNGUIDED, MF_FLOW_OMEGA, MF_FLOW_OMEGA_INTERVAL};
    for (int i = 0; i < 6; i++) {
        model_case c = case_new(CT_F64);
        mf_flow_config config = case_config(models[i / 3]);
        config.guided = guided[i % 3];
        assert_ok(build(&c, &config, images(&c, &config)), ct_graph_error(c.g));
        assert_int_equal(has(&c, "omega_embedder.mlp.0.weight"), i % 3 > 0);
        assert_int_equal(has(&c, "low_embedder.mlp.2.bias"), i % 3 > 1);
        assert_int_equal(has(&c, "high_embedder.mlp.0.weight"), i % 3 > 1);
        case_free(&c);
    }
}

/* Another scale, or another end of the interval, gives another velocity, each row its own; scale 1 is embedded as 0. */
static void test_the_network_listens_to_guidance(void **state)
{
    (void)state;
    const double told[][3] = {{2, 0.1, 0.9}, {3, 0.1, 0.9}, {2, 0.2, 0.9}, {2, 0.1, 0.8}};
    model_case c = case_new(CT_F64);
    mf_flow_config config = case_config("mlp");
    config.guided = MF_FLOW_OMEGA_INTERVAL;
    config.predict = MF_FLOW_DATA;
    mf_flow_net net = mf_flow_config_net(&config);
    ct_var *z = images(&c, &config), *label = case_labels(c.g, BATCH, 3), *t = ct_full(c.g, CT_F64, CT_SHAPE(BATCH), 0.5), *u[4], *rows[4];
    for (int i = 0; i < 4; i++) {
        net.guidance = mf_flow_config_guidance(&config, c.g, CT_F64, BATCH, told[i][0], told[i][1], told[i][2]);
        u[i] = mf_flow_apply(net, c.s, z, t, t, label);
    }
    net.guidance.omega = case_row(c.g, BATCH, (double[]){2, 3, 2});
    net.guidance.low = case_row(c.g, BATCH, (double[]){0.1, 0.1, 0.2});
    net.guidance.high = case_row(c.g, BATCH, (double[]){0.9, 0.9, 0.9});
    for (int i = 0; i < 3; i++)
        rows[i] = ct_slice(u[i], 0, i, i + 1, 1);
    ct_var *mixed = mf_flow_apply(net, c.s, z, t, t, label);
    case_stir(&c, 31);
    for (int i = 1; i < 4; i++)
        assert_true(case_relative(c.g, u[i], u[0]) > 1e-4);
    assert_true(case_relative(c.g, mixed, ct_concat(3, rows, 0)) < 1e-13);
    case_free(&c);
}

/* The embedder of omega sees 1 - 1 / omega: with the same parameters as the interval's embedders, omega and low can change places. */
static void test_what_is_embedded_of_omega(void **state)
{
    (void)state;
    const char *part[] = {"mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias"};
    model_case c = case_new(CT_F64);
    mf_flow_config config = case_config("mlp");
    config.guided = MF_FLOW_OMEGA_INTERVAL;
    mf_flow_net net = mf_flow_config_net(&config);
    ct_var *z = images(&c, &config), *label = case_labels(c.g, BATCH, 3), *t = ct_full(c.g, CT_F64, CT_SHAPE(BATCH), 0.5), *u[3];
    const double omega[] = {1 / (1 - 0.3), 1 / (1 - 0.45), 1}, low[] = {0.45, 0.3, 0};
    for (int i = 0; i < 3; i++) {
        net.guidance = mf_flow_config_guidance(&config, c.g, CT_F64, BATCH, omega[i], low[i], 1);
        u[i] = mf_flow_apply(net, c.s, z, t, t, label);
    }
    case_stir(&c, 31);
    for (int i = 0; i < 4; i++) {
        char from[64], to[64];
        snprintf(from, sizeof from, "omega_embedder.%s", part[i]);
        snprintf(to, sizeof to, "low_embedder.%s", part[i]);
        ct_tensor *a = nn_params_find(c.params, from), *b = nn_params_find(c.params, to);
        memcpy(ct_tensor_data(b), ct_tensor_data(a), ct_tensor_bytes(a));
    }
    assert_true(case_relative(c.g, u[1], u[0]) < 1e-12);
    assert_true(case_relative(c.g, u[2], u[0]) > 1e-4);
    case_free(&c);
}

/* u = (z - x) / t for what the last layer gives, x: from t = 1 one step to 0 lands on x itself, and below the smallest time t counts as that. */
static void test_predicting_data(void **state)
{
    (void)state;
    mf_flow_config data, velocity;
    ct_error err;
    assert_ok(mf_flow_config_default(&data, "mlp", &err), &err);
    data.width = 12, data.depth = 1, data.size = 4, data.predict = MF_FLOW_DATA;
    velocity = data;
    velocity.predict = MF_FLOW_VELOCITY;
    model_case c = case_new(CT_F64);
    ct_var *z = images(&c, &data), *label = case_labels(c.g, BATCH, data.classes), *r = case_row(c.g, BATCH, (double[]){0, 0, 0});
    ct_var *ones = case_row(c.g, BATCH, (double[]){1, 1, 1});
    ct_var *sample = mf_sample(c.s, mf_flow_config_net(&data), z, label, 1, NULL);
    ct_var *raw = mf_flow_apply(mf_flow_config_net(&velocity), c.s, z, ones, r, label);
    double early[] = {0.01, 0.05, 0.5}, divisor[] = {0.05, 0.05, 0.5};
    ct_var *t = case_row(c.g, BATCH, early), *floor = case_row(c.g, BATCH, divisor);
    ct_var *u = mf_flow_apply(mf_flow_config_net(&data), c.s, z, t, r, label), *x = mf_flow_apply(mf_flow_config_net(&velocity), c.s, z, t, r, label);
    ct_var *back = ct_add(x, ct_mul(u, ct_reshape(floor, CT_SHAPE(BATCH, 1, 1, 1))));
    case_stir(&c, 5);
    ct_tensor *value[4];
    case_values(c.g, 4, (ct_var *[]){sample, raw, back, z}, NULL, value);
    for (int64_t i = 0; i < ct_tensor_count(value[0]); i++) {
        assert_close(ct_tensor_get(value[0], i), ct_tensor_get(value[1], i), 1e-12);
        assert_close(ct_tensor_get(value[2], i), ct_tensor_get(value[3], i), 1e-12);
    }
    for (int i = 0; i < 4; i++)
        ct_tensor_free(value[i]);
    case_free(&c);
}

static void test_config_survives_a_file(void **state)
{
    (void)state;
    ct_error err;
    mf_flow_config a = case_config("dit"), b;
    a.times = MF_FLOW_T_R_H;
    a.time_scale = 1.0 / 3;
    a.predict = MF_FLOW_DATA;
    a.guided = MF_FLOW_OMEGA_INTERVAL;
    ct_archive *file = ct_archive_new(&err);
    assert_ok(file, &err);
    assert_ok(mf_flow_config_save(&a, file, &err), &err);
    assert_ok(mf_flow_config_load(&b, file, &err), &err);
    assert_string_equal(a.model, b.model);
    assert_int_equal(b.size, 4);
    assert_int_equal(b.channels, 1);
    assert_int_equal(b.classes, 3);
    assert_int_equal(b.width, 8);
    assert_int_equal(b.depth, 1);
    assert_int_equal(b.heads, 2);
    assert_int_equal(b.patch, 2);
    assert_int_equal(b.frequencies, 6);
    assert_close(b.time_scale, 1.0 / 3, 0);
    assert_int_equal(b.times, MF_FLOW_T_R_H);
    assert_int_equal(b.predict, MF_FLOW_DATA);
    assert_int_equal(b.guided, MF_FLOW_OMEGA_INTERVAL);
    ct_archive_free(file);
}

static void check_meta(const char *key, const char *value, ct_code code, const char *part)
{
    ct_error err;
    mf_flow_config c = case_config("mlp");
    ct_archive *file = ct_archive_new(&err);
    assert_ok(file, &err);
    assert_ok(ct_archive_set_meta(file, "model", "dit", &err) && ct_archive_set_meta(file, key, value, &err), &err);
    bool ok = mf_flow_config_load(&c, file, &err);
    assert_int_equal(ok, code == CT_OK);
    if (!ok) {
        assert_error(&err, code, part);
        assert_string_equal(c.model, "mlp");
    }
    ct_archive_free(file);
}

static void test_config_reads_metadata_with_care(void **state)
{
    (void)state;
    check_meta("width", "64", CT_OK, "");
    check_meta("width", "64x", CT_E_FORMAT, "metadata \"width\" is \"64x\", expected a whole number");
    check_meta("width", "-64", CT_E_ARGUMENT, "width is -64, expected 1 to 65536");
    check_meta("heads", "3", CT_E_ARGUMENT, "width is 256, expected a multiple of heads, 3");
    check_meta("patch", "5", CT_E_ARGUMENT, "size is 28, expected a multiple of patch, 5");
    check_meta("freq", "7", CT_E_ARGUMENT, "frequencies is 7");
    check_meta("time_scale", "fast", CT_E_FORMAT, "metadata \"time_scale\" is \"fast\"");
    check_meta("time_scale", "0", CT_E_ARGUMENT, "time scale is 0, expected more than 0");
    check_meta("times", "r,t", CT_E_FORMAT, "metadata \"times\" is \"r,t\"");
    check_meta("predict", "data", CT_OK, "");
    check_meta("predict", "noise", CT_E_FORMAT, "metadata \"predict\" is \"noise\", expected \"velocity\" or \"data\"");
    check_meta("guided", "omega", CT_OK, "");
    check_meta("guided", "yes", CT_E_FORMAT, "metadata \"guided\" is \"yes\", expected \"no\" or \"omega\" or \"omega,interval\"");
    check_meta("model", "unet", CT_E_NAME, "no model \"unet\", expected \"mlp\" or \"dit\"");
    ct_error err;
    mf_flow_config c;
    ct_archive *empty = ct_archive_new(&err);
    assert_false(mf_flow_config_load(&c, empty, &err));
    assert_error(&err, CT_E_FORMAT, "no metadata \"model\"");
    ct_archive_free(empty);
}

static ct_var *wrong_shape(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)t, (void)r, (void)label, (void)guidance, (void)config;
    return ct_slice(z, -1, 0, 2, 1);
}

static ct_var *nothing(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)z, (void)t, (void)r, (void)label, (void)guidance, (void)config;
    return NULL;
}

static void check_refused(mf_flow_net net, ct_shape z, int64_t rows, const char *part)
{
    model_case c = case_new(CT_F64);
    ct_var *t = ct_full(c.g, CT_F64, CT_SHAPE(rows), 0.5);
    assert_null(mf_flow_apply(net, c.s, case_constant(c.g, CT_F64, z, 1, 0, 1), t, t, case_labels(c.g, BATCH, 3)));
    assert_non_null(ct_graph_error(c.g));
    assert_error(ct_graph_error(c.g), ct_graph_error(c.g)->code, part);
    case_free(&c);
}

static void test_misfits_are_named(void **state)
{
    (void)state;
    mf_flow_config mlp = case_config("mlp"), dit = case_config("dit"), odd = case_config("dit"), told = case_config("dit"), strange = case_config("mlp");
    odd.heads = 3;
    told.guided = MF_FLOW_OMEGA;
    strange.guided = (mf_flow_guided)3;
    mf_flow_net deaf = mf_flow_config_net(&mlp), misled = mf_flow_config_net(&told);
    model_case c = case_new(CT_F64);
    deaf.guidance = mf_flow_config_guidance(&told, c.g, CT_F64, BATCH, 2, 0, 1);
    check_refused(deaf, CT_SHAPE(BATCH, 1, 4, 4), BATCH, "guidance has omega, of which the network is not told");
    check_refused(mf_flow_config_net(&told), CT_SHAPE(BATCH, 1, 4, 4), BATCH, "the network is told of guidance, and the net's guidance has no omega");
    misled.guidance = mf_flow_config_guidance(&told, c.g, CT_F64, BATCH + 1, 2, 0, 1);
    check_refused(misled, CT_SHAPE(BATCH, 1, 4, 4), BATCH, "expected float64 [3]");
    check_refused(mf_flow_config_net(&strange), CT_SHAPE(BATCH, 1, 4, 4), BATCH, "guided is 3, expected MF_FLOW_UNGUIDED, MF_FLOW_OMEGA");
    case_free(&c);
    check_refused(mf_flow_config_net(&mlp), CT_SHAPE(BATCH, 1, 5, 5), BATCH, "expected [batch, 1, 4, 4]");
    check_refused(mf_flow_config_net(&dit), CT_SHAPE(BATCH, 2, 4, 4), BATCH, "expected [batch, 1, 4, 4]");
    check_refused(mf_flow_config_net(&mlp), CT_SHAPE(BATCH, 1, 4, 4), BATCH + 1, "expected float64 [3]");
    check_refused(mf_flow_config_net(&odd), CT_SHAPE(BATCH, 1, 4, 4), BATCH, "width is 8, expected a multiple of heads, 3");
    check_refused(case_net(wrong_shape, NULL), CT_SHAPE(BATCH, 1, 4, 4), BATCH, "expected the shape and dtype of z");
    check_refused(case_net(nothing, NULL), CT_SHAPE(BATCH, 1, 4, 4), BATCH, "the network returned NULL");
}

/* Logits and features have their shapes, and dropout is between them only while training. */
static void test_classifier(void **state)
{
    (void)state;
    model_case c = case_new(CT_F32);
    ct_var *x = case_constant(c.g, CT_F32, CT_SHAPE(2, 1, 28, 28), 1, -1, 1), *f[2], *logits[3];
    logits[0] = mf_classifier_logits(c.s, x, 10, &f[0]);
    logits[1] = mf_classifier_logits(nn_training(c.s, true), x, 10, &f[1]);
    logits[2] = mf_classifier_logits(c.s, x, 10, NULL);
    assert_ok(logits[2], ct_graph_error(c.g));
    assert_true(ct_shape_equal(ct_var_shape(logits[0]), CT_SHAPE(2, 10)));
    assert_true(ct_shape_equal(ct_var_shape(f[0]), CT_SHAPE(2, 128)));
    assert_close(case_relative(c.g, f[1], f[0]), 0, 0);
    assert_close(case_relative(c.g, logits[2], logits[0]), 0, 0);
    assert_true(case_relative(c.g, logits[1], logits[0]) > 1e-3);
    case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_shapes_are_those_of_the_reference),
        cmocka_unit_test(test_default_networks_have_their_size),
        cmocka_unit_test(test_a_new_network_returns_zero),
        cmocka_unit_test(test_first_values_of_the_dit),
        cmocka_unit_test(test_patches_are_a_strided_convolution),
        cmocka_unit_test(test_joining_puts_pixels_in_their_place),
        cmocka_unit_test(test_times_choose_the_embedders),
        cmocka_unit_test(test_only_the_chosen_times_matter),
        cmocka_unit_test(test_guided_chooses_the_embedders),
        cmocka_unit_test(test_the_network_listens_to_guidance),
        cmocka_unit_test(test_what_is_embedded_of_omega),
        cmocka_unit_test(test_predicting_data),
        cmocka_unit_test(test_config_survives_a_file),
        cmocka_unit_test(test_config_reads_metadata_with_care),
        cmocka_unit_test(test_misfits_are_named),
        cmocka_unit_test(test_classifier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
