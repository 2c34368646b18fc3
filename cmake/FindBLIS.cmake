# SPDX-License-Identifier: MIT
# Finds BLIS built for OpenMP. Sets BLIS_INCLUDE_DIRS and BLIS_LIBRARIES, and makes the target BLIS::BLIS.
# Debian keeps the OpenMP, pthread and serial builds side by side: the OpenMP folder is looked into first.
find_path(BLIS_INCLUDE_DIR blis.h PATH_SUFFIXES blis-openmp ${CMAKE_LIBRARY_ARCHITECTURE}/blis-openmp blis)
find_library(BLIS_LIBRARY NAMES blis HINTS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/blis-openmp)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BLIS REQUIRED_VARS BLIS_LIBRARY BLIS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian and Ubuntu: apt-get install libblis-openmp-dev")
set(BLIS_INCLUDE_DIRS ${BLIS_INCLUDE_DIR})
set(BLIS_LIBRARIES ${BLIS_LIBRARY})
if(BLIS_FOUND AND NOT TARGET BLIS::BLIS)
  add_library(BLIS::BLIS UNKNOWN IMPORTED)
  set_target_properties(BLIS::BLIS PROPERTIES IMPORTED_LOCATION "${BLIS_LIBRARY}")
endif()
mark_as_advanced(BLIS_INCLUDE_DIR BLIS_LIBRARY)
