/* SPDX-License-Identifier: MIT */
/* The two stb libraries, as static functions of the one file that includes this. The file defines ct_stb_compress first:
 * the compressor that stb_image_write brings along aborts when memory runs out. */
#ifndef COTANGENT_STB_H
#define COTANGENT_STB_H

/* Both declare functions that the settings below leave out; GCC says so at the end of the file, so this has no end. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  /* fields that only reading through callbacks has */
#endif
#endif

/* Their assertions would abort the process in builds that keep them. */
#define STBI_ASSERT(condition) ((void)(condition))
#define STBIW_ASSERT(condition) ((void)(condition))

#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#include <stb_image.h>

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ZLIB_COMPRESS ct_stb_compress
#include <stb_image_write.h>

#endif
