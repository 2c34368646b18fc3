/* Which steps run together. A group is a set of elementwise steps and row reductions between two contractions that could run as one step: all of its
 * values are full or of the rows, every value that passes between members passes element by element or row by row, and no path leads out of the group and
 * back. Starting from single steps, the groups of a value's maker and reader are joined wherever that stays true.
 * Contractions separate groups, so that a value is not made long before, or its operands kept long after, the order of steps would have it. */
#include "fuse.h"
#include <stdlib.h>

typedef struct joiner {
    ct_program *p;
    grouping *g;
    int *segment;      /* by step: how many contractions came before; -1: not to be fused */
    int *reader_start; /* by step: its readers are reader[reader_start[s]] to reader[reader_start[s + 1] - 1] */
    int *reader;
    int *stack;        /* for walks over the steps */
    bool *seen;
} joiner;

/* --- what can be fused -------------------------------------------------------------------------------------------------- */

static bool is_contraction(const step *s)
{
    return s->kind == STEP_EVAL && s->var->op->kind == CT_BILINEAR;
}

static void classify(joiner *j)
{
    const ct_program *p = j->p;
    int segment = 0;
    for (int s = 0; s < p->n_steps; s++) {
        const step *t = &p->steps[s];
        const ct_array *y = &p->values[t->out[0]].array;
        int64_t columns = 1, count = ct_array_count(y);
        segment += is_contraction(t);
        bool reduces = reduces_rows(p, t, &columns);
        j->segment[s] = (t->kind == STEP_MAP || reduces) && count > 0 && !p->options.no_fuse ? segment : -1;
        j->g->full[s] = count * columns;
        j->g->rows[s] = reduces ? count : 0;
        j->g->group[s] = j->g->tail[s] = s;
        j->g->size[s] = 1;
        j->g->next[s] = -1;
    }
}

/* --- who reads whom ------------------------------------------------------------------------------------------------------- */

static int maker_of(const joiner *j, int v)
{
    return j->g->maker[root_value(j->p, v)];
}

static void find_makers(joiner *j)
{
    for (int v = 0; v < j->p->n_values; v++)
        j->g->maker[v] = -1;
    for (int s = 0; s < j->p->n_steps; s++)
        j->g->maker[j->p->steps[s].out[0]] = s;
}

static bool find_readers(joiner *j)
{
    const ct_program *p = j->p;
    int total = 0;
    for (int s = 0; s < p->n_steps; s++)
        for (int i = 0; i < p->steps[s].n; i++) {
            int m = maker_of(j, p->steps[s].x[i]);
            if (m >= 0)
                j->reader_start[m + 1]++, total++;
        }
    for (int s = 0; s < p->n_steps; s++)
        j->reader_start[s + 1] += j->reader_start[s];
    j->reader = calloc((size_t)total + 1, sizeof *j->reader);
    int *at = calloc((size_t)p->n_steps + 1, sizeof *at);
    for (int s = 0; j->reader && at && s < p->n_steps; s++)
        for (int i = 0; i < p->steps[s].n; i++) {
            int m = maker_of(j, p->steps[s].x[i]);
            if (m >= 0)
                j->reader[j->reader_start[m] + at[m]++] = s;
        }
    bool ok = j->reader && at;
    free(at);
    return ok;
}

/* --- whether two groups may become one --------------------------------------------------------------------------------------- */

static ct_dtype dtype_of(const joiner *j, int s)
{
    return j->p->values[j->p->steps[s].out[0]].array.dtype;
}

/* The levels of the two together: at most two sizes, of which one divides the other. */
static bool levels_fit(const grouping *g, int a, int b, int64_t *full, int64_t *rows)
{
    int64_t size[4] = {g->full[a], g->rows[a], g->full[b], g->rows[b]};
    *full = size[0] > size[2] ? size[0] : size[2];
    *rows = 0;
    for (int i = 0; i < 4; i++) {
        if (size[i] == 0 || size[i] == *full)
            continue;
        if (*rows && *rows != size[i])
            return false;
        *rows = size[i];
    }
    if (*rows == 0)
        return true;
    /* Where both say what their rows are, they say the same. */
    bool same = !g->rows[a] || !g->rows[b] || (g->rows[a] == g->rows[b] && g->full[a] == g->full[b]);
    return same && *full % *rows == 0 && *full / *rows <= CT_ROW_MAX;
}

/* Elements of the level at which member s reads its operands. */
static int64_t reading_level(const joiner *j, int s)
{
    return ct_array_count(&j->p->values[j->p->steps[s].x[0]].array);
}

/* Every value that members of `group` read from members of `other` passes in a way the fused step can follow. */
static bool passes(const joiner *j, int group, int other, int64_t full, int64_t rows)
{
    for (int s = group; s >= 0; s = j->g->next[s]) {
        const step *t = &j->p->steps[s];
        for (int i = 0; i < t->n; i++) {
            int m = maker_of(j, t->x[i]);
            if (m < 0 || j->g->group[m] != other)
                continue;
            relation r = relation_of(j->p, t->x[i]);
            int64_t made = ct_array_count(&j->p->values[j->p->steps[m].out[0]].array);
            bool spread = r == SPREAD && made == rows && reading_level(j, s) == full;
            if (r != SAME && !spread)
                return false;
        }
    }
    return true;
}

/* Put the readers of group a on the stack, those in `a` and `except` left out. */
static int push_readers(joiner *j, int a, int except, int top)
{
    for (int s = a; s >= 0; s = j->g->next[s])
        for (int k = j->reader_start[s]; k < j->reader_start[s + 1]; k++) {
            int h = j->g->group[j->reader[k]];
            if (h == a || h == except || j->seen[h])
                continue;
            j->seen[h] = true;
            j->stack[top++] = h;
        }
    return top;
}

/* Whether a path leads from group a to group b through others: joined, the two would have to run both before and after those. */
static bool leads_around(joiner *j, int a, int b)
{
    int top = push_readers(j, a, b, 0), visited = top;
    bool found = false;
    for (int k = 0; k < visited; k++) {
        int h = j->stack[k];
        for (int s = h; s >= 0 && !found; s = j->g->next[s])
            for (int i = j->reader_start[s]; i < j->reader_start[s + 1] && !found; i++)
                found = j->g->group[j->reader[i]] == b;
        if (found)
            break;
        visited = push_readers(j, h, b, visited);
    }
    for (int k = 0; k < visited; k++)
        j->seen[j->stack[k]] = false;
    return found;
}

static bool may_join(joiner *j, int a, int b, int64_t *full, int64_t *rows)
{
    const grouping *g = j->g;
    return j->segment[a] == j->segment[b] && g->size[a] + g->size[b] <= LARGEST_GROUP && dtype_of(j, a) == dtype_of(j, b) &&
           levels_fit(g, a, b, full, rows) && passes(j, a, b, *full, *rows) && passes(j, b, a, *full, *rows) &&
           !leads_around(j, a, b) && !leads_around(j, b, a);
}

/* --- joining --------------------------------------------------------------------------------------------------------------------- */

/* Merge two lists of steps, both in order; the group's number is its first step. */
static void join(joiner *j, int a, int b, int64_t full, int64_t rows)
{
    grouping *g = j->g;
    int first = a < b ? a : b, size = g->size[a] + g->size[b], tail = g->tail[a] > g->tail[b] ? g->tail[a] : g->tail[b];
    int x = a, y = b, last = -1;
    while (x >= 0 || y >= 0) {
        int *from = y < 0 || (x >= 0 && x < y) ? &x : &y, s = *from;
        *from = g->next[s];
        g->group[s] = first;
        if (last >= 0)
            g->next[last] = s;
        last = s;
    }
    g->next[last] = -1;
    g->size[first] = size;
    g->tail[first] = tail;
    g->full[first] = full;
    g->rows[first] = rows;
}

static void join_all(joiner *j)
{
    for (int s = 0; s < j->p->n_steps; s++) {
        const step *t = &j->p->steps[s];
        for (int i = 0; i < t->n && j->segment[s] >= 0; i++) {
            int m = maker_of(j, t->x[i]);
            int64_t full, rows;
            if (m < 0 || j->segment[m] < 0 || j->g->group[m] == j->g->group[s])
                continue;
            if (may_join(j, j->g->group[m], j->g->group[s], &full, &rows))
                join(j, j->g->group[m], j->g->group[s], full, rows);
        }
    }
}

static void find_escapes(joiner *j)
{
    const ct_program *p = j->p;
    for (int v = 0; v < p->n_values; v++)
        if (p->buffers[p->values[v].buffer].kept)
            j->g->escapes[root_value(p, v)] = true;
    for (int s = 0; s < p->n_steps; s++)
        for (int i = 0; i < p->steps[s].n; i++) {
            int m = maker_of(j, p->steps[s].x[i]);
            if (m >= 0 && j->g->group[m] != j->g->group[s])
                j->g->escapes[p->steps[m].out[0]] = true;
        }
}

static bool allocate(joiner *j)
{
    size_t steps = (size_t)j->p->n_steps + 1, values = (size_t)j->p->n_values + 1;
    grouping *g = j->g;
    *g = (grouping){calloc(steps, sizeof(int)), calloc(steps, sizeof(int)), calloc(steps, sizeof(int)), calloc(steps, sizeof(int)),
                    calloc(steps, sizeof(int64_t)), calloc(steps, sizeof(int64_t)), calloc(values, sizeof(int)),
                    calloc(values, sizeof(bool))};
    j->segment = calloc(steps, sizeof(int));
    j->reader_start = calloc(steps + 1, sizeof(int));
    j->stack = calloc(steps, sizeof(int));
    j->seen = calloc(steps, sizeof(bool));
    return g->group && g->next && g->tail && g->size && g->full && g->rows && g->maker && g->escapes && j->segment &&
           j->reader_start && j->stack && j->seen;
}

bool find_groups(ct_program *p, grouping *g)
{
    joiner j = {.p = p, .g = g};
    bool ok = allocate(&j);
    if (ok) {
        classify(&j);
        find_makers(&j);
        ok = find_readers(&j);
    }
    if (ok) {
        join_all(&j);
        find_escapes(&j);
    }
    free(j.segment);
    free(j.reader_start);
    free(j.reader);
    free(j.stack);
    free(j.seen);
    return ok;
}

void grouping_free(grouping *g)
{
    free(g->group);
    free(g->next);
    free(g->tail);
    free(g->size);
    free(g->full);
    free(g->rows);
    free(g->maker);
    free(g->escapes);
}
