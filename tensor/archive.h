/* What an archive is made of, for its reader and its writer. */
#ifndef COTANGENT_ARCHIVE_H
#define COTANGENT_ARCHIVE_H

#include <cotangent/files.h>

#include "table.h"

#define CT_METADATA_NAME "__metadata__"
enum { CT_ARCHIVE_HEADER_LIMIT = 100000000 };  /* bytes of JSON text, as the format has it */

struct ct_archive {
    ct_table tensors;  /* of ct_tensor * */
    ct_table meta;     /* of char * */
};

/* The format's name of a dtype: "F32". */
const char *ct_archive_dtype_name(ct_dtype dtype);

#endif
