/* SPDX-License-Identifier: MIT */
/* The joined maps of one element type. Included once for each, with T the type, MAP_SUFFIX f32 or f64, and FMA the function of math.h for T. */
#define NAME(name) NAME_EXPANDED(name, MAP_SUFFIX)
#define NAME_EXPANDED(name, suffix) NAME_PASTED(name, suffix)
#define NAME_PASTED(name, suffix) name##_##suffix

typedef struct NAME(line) { T a, b; } NAME(line);

/* As ct_map_affine has it. */
static inline NAME(line) NAME(line_of)(const ct_affine_attr *affine)
{
    return (NAME(line)){(T)affine->a, affine->b == 0 ? (T)-0.0 : (T)affine->b};
}

#define LINE_none(attr) {0, 0}
#define LINE_same(attr) {0, 0}
#define LINE_affine(attr) NAME(line_of)(attr)
#define LINE_add(attr) {0, 0}
#define LINE_mul(attr) {0, 0}
#define LINE_mul_no_nan(attr) {0, 0}

/* f0 reads p and q, f1 reads r and s; one that has a single operand, or none, reads no more than that. */
#define JOINED(fn, f0, f1)                                                                                                    \
    static void NAME(fn##_of_##f0##_##f1)(int64_t n, const void *const *x, void *y, const void *attr)                         \
    {                                                                                                                         \
        const ct_joined_attr *parts = attr;                                                                                   \
        const NAME(line) c = LINE_##fn(parts->g), c0 = LINE_##f0(parts->f[0]), c1 = LINE_##f1(parts->f[1]);                   \
        const T *p = x[0], *q = x[N_##f0 - 1], *r = x[N_##f0 - (N_##f1 == 0)], *s = x[N_##f0 + N_##f1 - 1];                   \
        T *out = y;                                                                                                           \
        (void)parts, (void)c, (void)c0, (void)c1, (void)q, (void)r, (void)s;                                                  \
        _Pragma("omp simd") for (int64_t i = 0; i < n; i++)                                                                   \
            out[i] = VALUE_##fn(c, VALUE_##f0(c0, p[i], q[i]), VALUE_##f1(c1, r[i], s[i]));                                   \
    }
#define JOINED_WITH(g, f0) JOINED(g, f0, same) JOINED(g, f0, affine) JOINED(g, f0, add) JOINED(g, f0, mul) JOINED(g, f0, mul_no_nan)
#define JOINED_ALL(g)                                                     \
    JOINED(g, same, affine) JOINED(g, same, add) JOINED(g, same, mul)     \
    JOINED(g, same, mul_no_nan) JOINED_WITH(g, affine) JOINED_WITH(g, add) \
    JOINED_WITH(g, mul) JOINED_WITH(g, mul_no_nan)

JOINED(affine, affine, none)
JOINED(affine, add, none)
JOINED(affine, mul, none)
JOINED(affine, mul_no_nan, none)
JOINED_ALL(add)
JOINED_ALL(mul)
JOINED_ALL(mul_no_nan)

#define ROW(g, f0)                                                                                                            \
    {NAME(g##_of_##f0##_same), NAME(g##_of_##f0##_affine), NAME(g##_of_##f0##_add), NAME(g##_of_##f0##_mul),                  \
     NAME(g##_of_##f0##_mul_no_nan)}
#define FIRST_ROW(g)                                                                                                          \
    {NULL, NAME(g##_of_same_affine), NAME(g##_of_same_add), NAME(g##_of_same_mul), NAME(g##_of_same_mul_no_nan)}
#define TABLE(g) {FIRST_ROW(g), ROW(g, affine), ROW(g, add), ROW(g, mul), ROW(g, mul_no_nan)}

/* By g, f0 and f1, as `part` numbers them. */
static const ct_map_fn NAME(joined)[PARTS][PARTS][PARTS] = {
    [AFFINE] = {[AFFINE] = {NAME(affine_of_affine_none)}, [ADD] = {NAME(affine_of_add_none)}, [MUL] = {NAME(affine_of_mul_none)},
                [MASKED] = {NAME(affine_of_mul_no_nan_none)}},
    [ADD] = TABLE(add),
    [MUL] = TABLE(mul),
    [MASKED] = TABLE(mul_no_nan),
};

static part NAME(part_of)(ct_map_fn f)
{
    static const ct_map_fn parts[PARTS] = {NULL, NAME(ct_map_affine), NAME(ct_map_add), NAME(ct_map_mul), NAME(ct_map_mul_no_nan)};
    int k = 0;
    while (k < PARTS && parts[k] != f)
        k++;
    return (part)k;
}

static ct_map_fn NAME(find)(ct_map_fn g, ct_map_fn f0, ct_map_fn f1)
{
    part k = NAME(part_of)(g), k0 = NAME(part_of)(f0), k1 = NAME(part_of)(f1);
    return k < PARTS && k0 < PARTS && k1 < PARTS ? NAME(joined)[k][k0][k1] : NULL;
}

#undef NAME
#undef NAME_EXPANDED
#undef NAME_PASTED
#undef LINE_none
#undef LINE_same
#undef LINE_affine
#undef LINE_add
#undef LINE_mul
#undef LINE_mul_no_nan
#undef JOINED
#undef JOINED_WITH
#undef JOINED_ALL
#undef ROW
#undef FIRST_ROW
#undef TABLE
#undef ROW
#undef FIRST_ROW
#undef T
#undef MAP_SUFFIX
#undef FMA
