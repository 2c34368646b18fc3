/* Gather and scatter-add along one axis. */
#include "walk.h"

#include <cotangent/kernels.h>
#include <string.h>

enum { GRAIN = 32768 };   /* elements a thread should have */

/* --- gather --- */

void ct_gather(ct_array y, ct_array x, ct_array index, int64_t outer, int64_t rows, int64_t inner, int threads)
{
    const int32_t *at = index.data;
    int64_t picks = ct_array_count(&index);
    if (outer == 0 || picks == 0 || inner == 0)
        return;
    size_t bytes = (size_t)inner * ct_dtype_size(x.dtype);
    int workers = ct_threads_for(threads, outer * picks * inner, GRAIN);
#pragma omp parallel for collapse(2) num_threads(workers) schedule(static) if (workers > 1)
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < picks; i++) {
            char *to = (char *)y.data + (size_t)(o * picks + i) * bytes;
            if (at[i] >= 0 && at[i] < rows)
                memcpy(to, (const char *)x.data + (size_t)(o * rows + at[i]) * bytes, bytes);
            else
                memset(to, 0, bytes);
        }
}

/* --- scatter-add --- */

typedef struct scatter {
    void *y;
    const void *u;
    const int32_t *index;
    int64_t picks, rows, inner;
} scatter;

/* Rows low..high-1 of outer element `o`, each from its own picks in their order. */
#define SCATTER(name, T)                                                                     \
    static void scatter_##name(const scatter *s, int64_t o, int64_t low, int64_t high)       \
    {                                                                                        \
        T *y = (T *)s->y + o * s->rows * s->inner;                                           \
        const T *u = (const T *)s->u + o * s->picks * s->inner;                              \
        for (int64_t i = low * s->inner; i < high * s->inner; i++)                           \
            y[i] = 0;                                                                        \
        for (int64_t i = 0; i < s->picks; i++) {                                             \
            if (s->index[i] < low || s->index[i] >= high)                                    \
                continue;                                                                    \
            T *to = y + s->index[i] * s->inner;                                              \
            const T *from = u + i * s->inner;                                                \
            _Pragma("omp simd") for (int64_t j = 0; j < s->inner; j++) to[j] = (T)(to[j] + from[j]); \
        }                                                                                    \
    }
SCATTER(f32, float)
SCATTER(f64, double)
SCATTER(i32, uint32_t)
SCATTER(u8, uint8_t)

/* Every thread reads all the indices and adds what falls into its rows, so the order of a sum is that of the indices. */
void ct_scatter_add(ct_array y, ct_array u, ct_array index, int64_t outer, int64_t rows, int64_t inner, int threads)
{
    static void (*const fn[CT_DTYPES])(const scatter *, int64_t, int64_t, int64_t) = {
        [CT_F32] = scatter_f32, [CT_F64] = scatter_f64, [CT_I32] = scatter_i32, [CT_U8] = scatter_u8};
    scatter s = {y.data, u.data, index.data, ct_array_count(&index), rows, inner};
    if (outer == 0 || rows == 0 || inner == 0)
        return;
    int workers = ct_threads_for(threads, outer * (rows + s.picks) * inner, GRAIN);
    int64_t parts = outer >= workers ? 1 : ct_min(rows, workers);
#pragma omp parallel for collapse(2) num_threads(workers) schedule(static) if (workers > 1)
    for (int64_t o = 0; o < outer; o++)
        for (int64_t p = 0; p < parts; p++)
            fn[y.dtype](&s, o, rows * p / parts, rows * (p + 1) / parts);
}
