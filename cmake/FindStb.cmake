# SPDX-License-Identifier: MIT
# Finds the headers of stb_image and stb_image_write. Sets STB_INCLUDE_DIRS.
find_path(STB_INCLUDE_DIR stb_image_write.h PATH_SUFFIXES stb)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Stb REQUIRED_VARS STB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian and Ubuntu: apt-get install libstb-dev")
set(STB_INCLUDE_DIRS ${STB_INCLUDE_DIR})
mark_as_advanced(STB_INCLUDE_DIR)
