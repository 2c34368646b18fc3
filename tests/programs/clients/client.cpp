/* SPDX-License-Identifier: MIT */
/* A program in C++: ops, shapes, axes, layers, training, derivatives and errors, with the numbers that they have to give. */
#include <cotangent.h>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

static int failures = 0;

static void check(bool ok, const char *what)
{
    if (!ok) {
        std::printf("wrong: %s\n", what);
        failures++;
    }
}

static bool near(double a, double b) { return std::fabs(a - b) <= 1e-12 * (1 + std::fabs(b)); }

/* The value of v, which depends on x alone: x = 1, 2, ... */
static std::vector<double> value(ct_graph *g, ct_var *x, ct_var *v)
{
    ct_error err;
    std::vector<double> in(static_cast<size_t>(ct_shape_count(ct_var_shape(x)))), out;
    for (size_t i = 0; i < in.size(); i++)
        in[i] = static_cast<double>(i + 1);
    ct_program *p = ct_compile(g, 1, &v, nullptr, &err);
    if (!p || !ct_program_set_data(p, x, in.data(), &err) || !ct_program_run(p, &err)) {
        std::printf("%s\n", err.message);
        failures++;
        return out;
    }
    const ct_tensor *t = ct_program_get(p, v);
    for (int64_t i = 0; i < ct_tensor_count(t); i++)
        out.push_back(ct_tensor_get(t, i));
    ct_program_free(p);
    return out;
}

static void shapes()
{
    const int rows = 2;
    ct_shape s = CT_SHAPE(rows, 3, 4);
    ct_axes a = CT_AXES(-1, 0);
    check(s.rank == 3 && s.dim[0] == 2 && s.dim[1] == 3 && s.dim[2] == 4, "CT_SHAPE");
    check(CT_SCALAR.rank == 0 && a.count == 2 && a.axis[0] == -1 && a.axis[1] == 0, "CT_AXES");
    const char *first = CT_SHAPE_TEXT(s), *second = CT_SHAPE_TEXT(CT_SHAPE(7));
    check(!std::strcmp(first, "[2, 3, 4]") && !std::strcmp(second, "[7]"), "CT_SHAPE_TEXT");
    ct_error err;
    ct_tensor *t = ct_tensor_new(CT_F64, s, &err), *u = ct_tensor_permute(t, CT_AXES(2, 0, 1), &err), *w = ct_tensor_permute(t, a, &err);
    check(u && ct_shape_equal(ct_tensor_shape(u), CT_SHAPE(4, 2, 3)), "ct_tensor_permute");
    check(!w && std::strstr(err.message, "[2, 3, 4]"), "the error of ct_tensor_permute");
    ct_tensor_free(u);
    ct_tensor_free(t);
}

static void ops()
{
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(2, 3));
    ct_axes rows = CT_AXES(0);
    std::vector<double> sum = value(g, x, ct_sum(x, rows)), mean = value(g, x, ct_mean_keep(x, CT_AXES(-1)));
    check(sum.size() == 3 && near(sum[0], 5) && near(sum[1], 7) && near(sum[2], 9), "ct_sum");
    check(mean.size() == 2 && near(mean[0], 2) && near(mean[1], 5), "ct_mean_keep");
    std::vector<double> turned = value(g, x, ct_permute(x, CT_AXES(1, 0)));
    check(turned.size() == 6 && near(turned[1], 4) && near(turned[2], 2), "ct_permute");
    check(std::strstr(CT_VAR_TEXT(x), "\"x\" float64 [2, 3]") != nullptr, "CT_VAR_TEXT");
    ct_graph_free(g);
}

/* A kernel of one 2 between images of 1, 2, 3, 4, its transpose in x, and its transpose in w: 1 + 4 + 9 + 16. */
static void convolutions()
{
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(1, 1, 2, 2)), *w = ct_full(g, CT_F64, CT_SHAPE(1, 1, 1, 1), 2);
    const ct_conv2d_attr plain = {{1, 1}, {0, 0}, {1, 1}, 1};
    ct_var *y = ct_conv2d(x, w, ct_conv2d_attr{{1, 1}, {0, 0}, {1, 1}, 1});
    check(ct_shape_equal(ct_var_shape(y), CT_SHAPE(1, 1, 2, 2)), "the shape of ct_conv2d");
    std::vector<double> to = value(g, x, y), back = value(g, x, ct_conv2d_dx(x, w, plain, 2, 2)), weight = value(g, x, ct_conv2d_dw(x, x, plain, 1, 1));
    check(to.size() == 4 && near(to[0], 2) && near(to[3], 8), "ct_conv2d");
    check(back.size() == 4 && near(back[1], 4), "ct_conv2d_dx");
    check(weight.size() == 1 && near(weight[0], 30), "ct_conv2d_dw");
    ct_graph_free(g);
}

/* y = sum x^3: gradient 3 x^2, along ones 3 sum x^2, Hessian times ones 6 x. */
static void transforms()
{
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(3)), *y = ct_sum_all(ct_pow(x, 3)), *one = ct_ones_like(x);
    ct_var *grad = nullptr, *dy = nullptr, *hv = nullptr;
    check(ct_grad(y, 1, &x, &grad) && ct_jvp(1, &y, 1, &x, &one, &dy) && ct_hvp(y, 1, &x, &one, &hv), "transforms");
    std::vector<double> a = value(g, x, grad), b = value(g, x, dy), c = value(g, x, hv);
    check(a.size() == 3 && near(a[2], 27), "ct_grad");
    check(b.size() == 1 && near(b[0], 42), "ct_jvp");
    check(c.size() == 3 && near(c[1], 12), "ct_hvp");
    ct_graph_free(g);
}

static void errors()
{
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(2, 3)), *y = ct_matmul(x, x);
    const ct_error *err = ct_graph_error(g);
    check(!y && err && err->code == CT_E_SHAPE && std::strstr(err->message, "client.cpp:"), "the place of an error");
    ct_graph_free(g);
}

/* A layer of weights 1 and bias 0 on 1, 2, 3; then training takes the loss of a random one down. */
static void layers()
{
    ct_error err;
    ct_graph *g = ct_graph_new();
    nn_params *params = nn_params_new(CT_F64, 1, &err), *moments = nn_params_new(CT_F64, 1, &err);
    nn_scope root = nn_root(g, params);
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(1, 3));
    nn_linear_options ones = {};
    ones.weight = NN_ONES;
    ones.bias = NN_ZEROS;
    std::vector<double> y = value(g, x, nn_linear_with(nn_at(root, "ones"), x, 2, ones));
    check(y.size() == 2 && near(y[0], 6) && near(y[1], 6), "nn_linear_with");
    ct_var *h = nn_layer_norm(nn_at(root, "norm.%d", 0), nn_linear(nn_at(root, "in"), x, 4), nn_norm_options{});
    ct_var *tokens = ct_reshape(h, CT_SHAPE(1, 2, 2)), *seen = nn_attention(nn_at(root, "attention"), tokens, 1, nn_attention_options{});
    ct_var *loss = nn_mse(ct_reshape(seen, CT_SHAPE(1, 4)), ct_full(g, CT_F64, CT_SHAPE(1, 4), 0.5));
    nn_schedule schedule = {};
    schedule.peak = 0.05;
    schedule.total = 40;
    nn_train *train = nn_train_new(loss, params, &err);
    nn_train_adamw(train, moments, nn_cosine_schedule(g, CT_F64, schedule), nn_adamw_options{});
    nn_train_output(train, loss);
    ct_program *step = nn_train_compile(train, nullptr, &err);
    const double numbers[] = {1, 2, 3};
    check(step && ct_program_set_data(step, x, numbers, &err), err.message);
    double first = 0, last = 0;
    for (int i = 0; step && i < 40; i++) {
        check(ct_program_run(step, &err), err.message);
        last = ct_program_scalar(step, loss);
        first = i ? first : last;
    }
    check(last < 0.1 * first, "training");
    ct_program_free(step);
    nn_train_free(train);
    ct_graph_free(g);
    nn_params_free(params);
    nn_params_free(moments);
}

int main()
{
    shapes();
    ops();
    convolutions();
    transforms();
    errors();
    layers();
    check(!std::strcmp(ct_version(), CT_VERSION), "ct_version");
    std::printf("failures %d\n", failures);
    return failures != 0;
}
