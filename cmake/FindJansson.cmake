# SPDX-License-Identifier: MIT
# Finds jansson, which reads JSON. Sets JANSSON_INCLUDE_DIRS and JANSSON_LIBRARIES.
find_path(JANSSON_INCLUDE_DIR jansson.h)
find_library(JANSSON_LIBRARY NAMES jansson)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Jansson REQUIRED_VARS JANSSON_LIBRARY JANSSON_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian and Ubuntu: apt-get install libjansson-dev")
set(JANSSON_INCLUDE_DIRS ${JANSSON_INCLUDE_DIR})
set(JANSSON_LIBRARIES ${JANSSON_LIBRARY})
mark_as_advanced(JANSSON_INCLUDE_DIR JANSSON_LIBRARY)
