# SPDX-License-Identifier: MIT
# Installs the library, its public headers, a CMake package and a pkg-config file. All of it may be moved to another place afterwards.
install(TARGETS cotangent EXPORT cotangentTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(room IN LISTS COTANGENT_ROOMS)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
if(COTANGENT_NATIVE)
  install(CODE "message(WARNING \"This library is compiled for this machine's processor and may not run on another one. \"
    \"Install a build without COTANGENT_NATIVE to run on all: cmake -B build && cmake --build build && cmake --install build\")")
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cotangent)
install(EXPORT cotangentTargets NAMESPACE cotangent:: DESTINATION ${package_dir})
configure_package_config_file(cmake/cotangentConfig.cmake.in ${PROJECT_BINARY_DIR}/cotangentConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cotangentConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cotangentConfig.cmake ${PROJECT_BINARY_DIR}/cotangentConfigVersion.cmake
  cmake/FindBLIS.cmake DESTINATION ${package_dir})

# What a static library needs is for every program to link, what a shared one needs for nobody. The prefix is relative to the file itself, so that
# it is right wherever the file lies.
set(pc_needs "-lblis -lm ${OpenMP_C_FLAGS}")
if(BUILD_SHARED_LIBS)
  set(pc_private .private)
  set(pc_private_libs ${pc_needs})
else()
  set(pc_public_libs ${pc_needs})
endif()
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/cotangent.pc.in ${PROJECT_BINARY_DIR}/cotangent.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cotangent.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
