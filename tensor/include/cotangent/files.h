/* SPDX-License-Identifier: MIT */
/* Array files: NumPy .npy, safetensors, IDX and PNG. Readers check every length and offset against the file before
 * they trust it. Writers write a temporary file beside the target and rename it, so a failed write leaves the old file.
 * Errors name the path, what was found and what was expected. */
#ifndef COTANGENT_FILES_H
#define COTANGENT_FILES_H

#include <cotangent/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* .npy, format 1.0 to 3.0, little-endian, dtypes f4 f8 i4 u1, C or Fortran order (read), C order (written). */
CT_API ct_tensor *ct_npy_read(const char *path, ct_error *err);
CT_API bool ct_npy_write(const char *path, const ct_tensor *t, ct_error *err);

/* IDX (MNIST's format), type 0x08 (uint8), plain or gzip. */
CT_API ct_tensor *ct_idx_read(const char *path, ct_error *err);

/* Images as uint8 [height, width, channels], channels 1 to 4. PNG files only, of every colour type and depth; those of
 * 16 bits lose the lower eight. channels 0 keeps the file's own: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
 * At most `max_pixels` pixels (0: CT_IMAGE_PIXELS): more are refused before memory is asked for. Nothing in the file is
 * believed unchecked: the order, lengths and CRCs of its chunks, the checksum of its data, their exact size, its end. */
enum { CT_IMAGE_PIXELS = 1 << 26 };
CT_API ct_tensor *ct_image_read(const char *path, int channels, int64_t max_pixels, ct_error *err);
CT_API bool ct_png_write(const char *path, const ct_tensor *image, ct_error *err);

/* safetensors: named tensors and string metadata, in the order they were added. Dtypes F32, F64, I32, U8.
 * A file that is written carries a digest of all its bytes (cotangent/digest.h) as metadata "cotangent.digest", which
 * set_meta refuses and meta does not show. Where there is one, reading compares it before it gives anything, and refuses
 * a file with a wrong one. Files of other tools need none. */
typedef struct ct_archive ct_archive;
CT_API ct_archive *ct_archive_new(ct_error *err);
CT_API void ct_archive_free(ct_archive *a);                                 /* releases its tensors; NULL is allowed */
CT_API bool ct_archive_add(ct_archive *a, const char *name, ct_tensor *t, ct_error *err);   /* retains t; a name twice is an error */
CT_API bool ct_archive_set_meta(ct_archive *a, const char *key, const char *value, ct_error *err);  /* replaces */
CT_API int64_t ct_archive_count(const ct_archive *a);
CT_API const char *ct_archive_name(const ct_archive *a, int64_t i);         /* NULL outside 0..count-1 */
CT_API ct_tensor *ct_archive_tensor(const ct_archive *a, int64_t i);        /* borrowed */
CT_API ct_tensor *ct_archive_find(const ct_archive *a, const char *name);   /* borrowed; NULL when absent */
CT_API const char *ct_archive_meta(const ct_archive *a, const char *key);   /* NULL when absent */
CT_API bool ct_archive_write(const ct_archive *a, const char *path, ct_error *err);
CT_API ct_archive *ct_archive_read(const char *path, ct_error *err);
CT_API bool ct_archive_has_digest(const ct_archive *a);                     /* whether the file it was read from did */

/* For writers of other formats: collect bytes in a temporary file beside `path`, then rename it over `path` (commit) or remove it.
 * The file is flushed to the disk before it is renamed, and its directory after. Where Linux and the file system can (O_TMPFILE), the
 * temporary file has no name until it is whole, so that a process that is killed leaves none. Files that may not be written are
 * not replaced. */
typedef struct ct_file_writer ct_file_writer;
CT_API ct_file_writer *ct_file_writer_open(const char *path, ct_error *err);
CT_API bool ct_file_writer_write(ct_file_writer *w, const void *data, size_t bytes, ct_error *err);
CT_API bool ct_file_writer_commit(ct_file_writer *w, ct_error *err);  /* frees w, also on failure */
CT_API void ct_file_writer_discard(ct_file_writer *w);                /* frees w; NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
