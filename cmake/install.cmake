# Installs the library, its public headers, a CMake package and a pkg-config file.
install(TARGETS cotangent EXPORT cotangentTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room IN LISTS COTANGENT_ROOMS)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cotangent)
install(EXPORT cotangentTargets NAMESPACE cotangent:: DESTINATION ${package_dir})
configure_package_config_file(cmake/cotangentConfig.cmake.in ${PROJECT_BINARY_DIR}/cotangentConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cotangentConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cotangentConfig.cmake ${PROJECT_BINARY_DIR}/cotangentConfigVersion.cmake
  DESTINATION ${package_dir})
# Relative to the file itself, so that it is right for every prefix given to "cmake --install".
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/cotangent.pc.in ${PROJECT_BINARY_DIR}/cotangent.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cotangent.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
