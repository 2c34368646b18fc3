/* SPDX-License-Identifier: MIT */
/* The roofline model: how fast a piece of work could be done at a machine's limits. */
#include <cotangent/machine.h>

ct_machine_place ct_machine_place_for(const ct_machine *m, double bytes)
{
    int place = 0;
    while (place < CT_IN_MEMORY && bytes > (double)m->bandwidth[place].capacity)
        place++;
    return (ct_machine_place)place;
}

double ct_machine_seconds(const ct_machine *m, ct_dtype dtype, double flops, const double bytes[CT_MACHINE_PLACES], ct_limit *binds)
{
    double compute = flops / (dtype == CT_F64 ? m->flops_f64 : m->flops_f32), transfer = 0, most = 0;
    ct_limit limit = CT_LIMIT_NONE;
    for (int i = 0; i < CT_MACHINE_PLACES; i++) {
        double seconds = bytes[i] / m->bandwidth[i].best;
        transfer += seconds;
        limit = seconds > most ? (ct_limit)(CT_LIMIT_CORE + i) : limit;
        most = seconds > most ? seconds : most;
    }
    if (binds)
        *binds = compute > transfer ? CT_LIMIT_COMPUTE : limit;
    return compute > transfer ? compute : transfer;
}

const char *ct_limit_name(ct_limit limit)
{
    static const char *const names[] = {"none", "compute", "core", "shared", "memory"};
    return limit >= CT_LIMIT_NONE && limit <= CT_LIMIT_MEMORY ? names[limit] : "?";
}

void ct_machine_print(const ct_machine *m, FILE *to)
{
    fprintf(to, "limits of %d threads: %.1f GFLOP/s in float32, %.1f in float64\n", m->threads, 1e-9 * m->flops_f32, 1e-9 * m->flops_f64);
    fprintf(to, "%-8s %10s %9s %9s %9s %9s\n", "GB/s", "holds MiB", "read", "write", "copy", "update");
    for (int i = 0; i < CT_MACHINE_PLACES; i++) {
        const ct_machine_bandwidth *b = &m->bandwidth[i];
        fprintf(to, "%-8s ", ct_limit_name((ct_limit)(CT_LIMIT_CORE + i)));
        if (i < CT_IN_MEMORY)
            fprintf(to, "%10.1f", (double)b->capacity / 1048576);
        else
            fprintf(to, "%10s", "");
        fprintf(to, " %9.1f %9.1f %9.1f %9.1f\n", 1e-9 * b->read, 1e-9 * b->write, 1e-9 * b->copy, 1e-9 * b->update);
    }
}
