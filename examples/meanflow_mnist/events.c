/* SPDX-License-Identifier: MIT */
/* Event files. */
#include "events.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- numbers as bytes, least significant first ------------------------------------------------------------------ */

typedef struct message {
    unsigned char data[4096];
    size_t length;
} message;

static void put(message *m, const void *bytes, size_t count)
{
    if (count > sizeof m->data - m->length)
        count = sizeof m->data - m->length;
    memcpy(m->data + m->length, bytes, count);
    m->length += count;
}

static void put_fixed(message *m, uint64_t x, int bytes)
{
    for (int i = 0; i < bytes; i++)
        put(m, &(unsigned char){(unsigned char)(x >> 8 * i)}, 1);
}

static void put_varint(message *m, uint64_t x)
{
    for (; x >= 0x80; x >>= 7)
        put(m, &(unsigned char){(unsigned char)(x | 0x80)}, 1);
    put(m, &(unsigned char){(unsigned char)x}, 1);
}

/* --- protocol buffers: each field is its number and wire type, then its value ----------------------------------- */

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

static void put_key(message *m, int field, int type)
{
    put_varint(m, (uint64_t)(field << 3 | type));
}

static void put_bytes(message *m, int field, const void *bytes, size_t count)
{
    put_key(m, field, BYTES);
    put_varint(m, count);
    put(m, bytes, count);
}

/* Summary.Value { tag = 1; simple_value = 2 }, a field of the Summary. */
static void put_scalar(message *summary, const char *name, double value)
{
    message m = {.length = 0};
    float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    put_bytes(&m, 1, name, strlen(name));
    put_key(&m, 2, FIXED32);
    put_fixed(&m, bits, 4);
    put_bytes(summary, 1, m.data, m.length);
}

/* Event { wall_time = 1; step = 2; ... }; a step of 0 is left out. */
static message begin_event(int64_t step)
{
    message m = {.length = 0};
    double now = (double)time(NULL);
    uint64_t bits;
    memcpy(&bits, &now, sizeof bits);
    put_key(&m, 1, FIXED64);
    put_fixed(&m, bits, 8);
    if (step > 0) {
        put_key(&m, 2, VARINT);
        put_varint(&m, (uint64_t)step);
    }
    return m;
}

/* --- records ---------------------------------------------------------------------------------------------------- */

/* CRC-32C (Castagnoli), rotated by 15 bits and shifted, as records have it. */
static uint32_t checksum(const unsigned char *bytes, size_t count)
{
    uint32_t c = 0xffffffff;
    for (size_t i = 0; i < count; i++) {
        c ^= bytes[i];
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0x82f63b78 : 0);
    }
    c = ~c;
    return (c >> 15 | c << 17) + 0xa282ead8;
}

static void write_record(FILE *to, const message *m)
{
    message head = {.length = 0}, tail = {.length = 0};
    put_fixed(&head, m->length, 8);
    put_fixed(&head, checksum(head.data, 8), 4);
    put_fixed(&tail, checksum(m->data, m->length), 4);
    fwrite(head.data, 1, head.length, to);
    fwrite(m->data, 1, m->length, to);
    fwrite(tail.data, 1, tail.length, to);
}

void events_add(FILE *to, int64_t step, int count, const char *const *names, const double *values)
{
    message event = begin_event(step), summary = {.length = 0};
    for (int i = 0; i < count; i++)
        put_scalar(&summary, names[i], values[i]);
    put_bytes(&event, 5, summary.data, summary.length);
    write_record(to, &event);
}

FILE *events_begin(const char *path, ct_error *err)
{
    static const char version[] = "brain.Event:2";
    FILE *f = fopen(path, "wb");
    if (!f) {
        ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, strerror(errno));
        return NULL;
    }
    message event = begin_event(0);
    put_bytes(&event, 3, version, sizeof version - 1);
    write_record(f, &event);
    return f;
}

/* --- going on --------------------------------------------------------------------------------------------------- */

static uint64_t number_in(const unsigned char *bytes, int count)
{
    uint64_t x = 0;
    for (int i = count - 1; i >= 0; i--)
        x = x << 8 | bytes[i];
    return x;
}

/* The next record's message; false when there is no whole one with the right checksums. */
static bool read_record(FILE *from, message *m)
{
    unsigned char head[12], tail[4];
    if (fread(head, 1, sizeof head, from) != sizeof head || number_in(head + 8, 4) != checksum(head, 8) ||
        number_in(head, 8) > sizeof m->data)
        return false;
    m->length = (size_t)number_in(head, 8);
    return fread(m->data, 1, m->length, from) == m->length && fread(tail, 1, sizeof tail, from) == sizeof tail &&
           number_in(tail, 4) == checksum(m->data, m->length);
}

/* The step of an event as events_add writes it. */
static int64_t step_of(const message *event)
{
    enum { STEP_AT = 1 + 8 };  /* after the wall time */
    uint64_t step = 0;
    if (event->length <= STEP_AT || event->data[STEP_AT] != (2 << 3 | VARINT))
        return 0;
    for (size_t i = STEP_AT + 1, shift = 0; i < event->length && shift < 63; i++, shift += 7) {
        step |= (uint64_t)(event->data[i] & 0x7f) << shift;
        if (event->data[i] < 0x80)
            break;
    }
    return (int64_t)step;
}

/* The first record is the version of the format, of no step. */
long events_up_to(FILE *from, int64_t step, int64_t *count, int64_t *last)
{
    message event;
    long length = 0;
    *count = *last = 0;
    while (read_record(from, &event)) {
        int64_t at = step_of(&event);
        if (length > 0 && (at <= *last || at > step))
            break;
        *count += length > 0;
        *last = at;
        length = ftell(from);
    }
    return length;
}

FILE *events_resume(const char *path, long length, ct_error *err)
{
    if (length == 0)
        return events_begin(path, err);
    FILE *f = truncate(path, length) == 0 ? fopen(path, "ab") : NULL;
    if (!f)
        ct_fail(err, CT_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    return f;
}
