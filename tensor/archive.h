/* SPDX-License-Identifier: MIT */
/* What an archive is made of, for its reader and its writer. */
#ifndef COTANGENT_ARCHIVE_H
#define COTANGENT_ARCHIVE_H

#include <cotangent/files.h>

#include "table.h"

#define CT_METADATA_NAME "__metadata__"
#define CT_DIGEST_KEY "cotangent.digest"  /* the first of the metadata in a file; not among those of an archive */
enum { CT_ARCHIVE_HEADER_LIMIT = 100000000 };  /* bytes of JSON text, as the format has it */

struct ct_archive {
    ct_table tensors;  /* of ct_tensor * */
    ct_table meta;     /* of char * */
    bool has_digest;   /* the file that it was read from */
};

/* The format's name of a dtype: "F32". */
const char *ct_archive_dtype_name(ct_dtype dtype);

#endif
