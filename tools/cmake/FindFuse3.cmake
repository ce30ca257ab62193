# Fuse3: libfuse 3.17 or later (kernel passthrough). The private prefix that
# packaging/build-libfuse fills comes first; else the distribution's, when it is new enough.
set(_saved_path "$ENV{PKG_CONFIG_PATH}")
set(ENV{PKG_CONFIG_PATH} "${LENSFS_DEPS_PREFIX}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
pkg_check_modules(FUSE3 fuse3>=3.17)
set(ENV{PKG_CONFIG_PATH} "${_saved_path}")
if(NOT FUSE3_FOUND)
  message(FATAL_ERROR "libfuse 3.17 or later was not found; run packaging/build-libfuse first")
endif()
add_library(lensfs_fuse3 INTERFACE)
# SYSTEM: libfuse's headers are not ours to warn about.
target_include_directories(lensfs_fuse3 SYSTEM INTERFACE ${FUSE3_INCLUDE_DIRS})
if(EXISTS "${LENSFS_DEPS_PREFIX}/lib/libfuse3.a")
  target_link_directories(lensfs_fuse3 INTERFACE ${FUSE3_STATIC_LIBRARY_DIRS})
  target_link_libraries(lensfs_fuse3 INTERFACE "${LENSFS_DEPS_PREFIX}/lib/libfuse3.a" ${FUSE3_STATIC_LDFLAGS})
else()
  target_link_libraries(lensfs_fuse3 INTERFACE ${FUSE3_LINK_LIBRARIES})
endif()
message(STATUS "libfuse ${FUSE3_VERSION}")
