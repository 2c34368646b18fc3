/* SPDX-License-Identifier: MIT */
/* What C and C++ write differently, and how structures reach the library.
 *
 * A structure of 32 bytes or more with options or axes goes by const pointer. Calls are written with the structure itself: a macro of the
 * function's name makes the pointer. For some compilers pass such constants by value wrongly: for processors with AVX-512, GCC 12.2 copies
 * {{1, 1}, {0, 0}, {1, 1}, 1} as {{1, 1}, {1, 0}, {1, 1}, 1} from one place of memory to another. A constant that is only initialised and
 * pointed to is not copied. Smaller structures are moved by 16 bytes at most, which is right. */
#ifndef COTANGENT_LANGUAGE_H
#define COTANGENT_LANGUAGE_H

#ifdef __cplusplus

/* A literal of a structure's type: CT_LITERAL(ct_site){file, line}. */
#define CT_LITERAL(type) type

template <class type> inline const type *ct_pointer_to(const type &value) { return &value; }
/* The address of a value (an expression, or a list in braces) that lives until the call is over. */
#define CT_POINTER(type, ...) ct_pointer_to<type>(__VA_ARGS__)

/* One of 16 buffers of this thread, in turn. */
template <int size> inline char (&ct_text_buffer())[size]
{
    static thread_local char buffer[16][size];
    static thread_local unsigned next;
    return buffer[next++ % 16];
}
/* Room for a text: lives to the end of the enclosing block; in C++ until the 16th text after it. */
#define CT_TEXT_BUFFER(size) ct_text_buffer<size>()

#else

#define CT_LITERAL(type) (type)
/* `end` is there for GCC: after another literal it does not warn of braces that {0} leaves out. */
#define CT_POINTER(type, ...) (&(const struct { type value; const char *end; }){__VA_ARGS__, (const char[1]){0}}.value)
#define CT_TEXT_BUFFER(size) ((char[size]){0})

#endif

/* The compiler knows nothing of memory beyond this point: what CT_POINTER copies from a variable is what is there, no constant in its place. */
static inline void ct_barrier(void)
{
#if defined(__GNUC__)
    __asm__ __volatile__("" : : : "memory");
#endif
}

#endif
