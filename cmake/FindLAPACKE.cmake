# SPDX-License-Identifier: MIT
# Finds LAPACK's C interface. Sets LAPACKE_INCLUDE_DIRS and LAPACKE_LIBRARIES.
find_path(LAPACKE_INCLUDE_DIR lapacke.h PATH_SUFFIXES lapacke openblas)
find_library(LAPACKE_LIBRARY NAMES lapacke openblas)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LAPACKE REQUIRED_VARS LAPACKE_LIBRARY LAPACKE_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian and Ubuntu: apt-get install liblapacke-dev")
set(LAPACKE_INCLUDE_DIRS ${LAPACKE_INCLUDE_DIR})
set(LAPACKE_LIBRARIES ${LAPACKE_LIBRARY})
mark_as_advanced(LAPACKE_INCLUDE_DIR LAPACKE_LIBRARY)
