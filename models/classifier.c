/* SPDX-License-Identifier: MIT */
/* A small convolutional classifier: three 3 x 3 convolutions, two of them with stride 2, and two linear maps. */
#include <cotangent/classifier.h>

enum { FEATURES = 128 };
#define ROOT_TWO 1.4142135623730951  /* the gain of ReLU */

static ct_var *conv(nn_scope s, ct_var *x, int64_t out, int64_t stride)
{
    nn_conv2d_options options = {.stride = {stride, stride}, .pad = {1, 1}, .weight = NN_KAIMING_UNIFORM(ROOT_TWO), .bias = NN_ZEROS};
    return ct_relu(nn_conv2d(s, x, out, 3, options));
}

ct_var *mf_classifier_logits(nn_scope s, ct_var *x, int64_t classes, ct_var **features)
{
    nn_linear_options relu = {.weight = NN_KAIMING_UNIFORM(ROOT_TWO), .bias = NN_ZEROS};
    ct_var *h = conv(nn_at(s, "conv1"), x, 16, 1);  /* [batch, 16, 28, 28] */
    h = conv(nn_at(s, "conv2"), h, 32, 2);          /* [batch, 32, 14, 14] */
    h = conv(nn_at(s, "conv3"), h, 64, 2);          /* [batch, 64, 7, 7] */
    h = ct_reshape(h, CT_SHAPE(ct_var_dim(h, 0), ct_var_dim(h, 1) * ct_var_dim(h, 2) * ct_var_dim(h, 3)));
    h = ct_relu(nn_linear_with(nn_at(s, "fc1"), h, FEATURES, relu));
    if (features)
        *features = h;
    return nn_linear(nn_at(s, "fc2"), nn_dropout(nn_at(s, "dropout"), h, 0.25), classes);
}
