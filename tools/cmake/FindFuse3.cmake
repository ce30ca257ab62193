# lensfs_fuse3: libfuse 3.17 or later (kernel passthrough; 3.18 for io_uring). The private prefix that
# packaging/build-libfuse fills comes first; else the distribution's, when it is new enough.
# Nothing is taken from the cache: the prefix may have been filled since the last configure.
foreach(prefix IN ITEMS FUSE3 FUSE3_STATIC)
  foreach(name IN ITEMS FOUND VERSION INCLUDE_DIRS LIBRARIES LIBRARY_DIRS LINK_LIBRARIES LDFLAGS)
    unset(${prefix}_${name} CACHE)
  endforeach()
endforeach()
unset(__pkg_config_checked_FUSE3 CACHE)

set(_lensfs_fuse3_archive "${LENSFS_DEPS_PREFIX}/lib/libfuse3.a")
set(_lensfs_saved_path "$ENV{PKG_CONFIG_PATH}")
if(EXISTS "${_lensfs_fuse3_archive}")
  set(ENV{PKG_CONFIG_PATH} "${LENSFS_DEPS_PREFIX}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
endif()
pkg_check_modules(FUSE3 fuse3>=3.17)
set(ENV{PKG_CONFIG_PATH} "${_lensfs_saved_path}")
if(NOT FUSE3_FOUND)
  message(FATAL_ERROR "libfuse 3.17 or later was not found; run packaging/build-libfuse first")
endif()

add_library(lensfs_fuse3 INTERFACE)
# SYSTEM: libfuse's headers are not ours to warn about.
target_include_directories(lensfs_fuse3 SYSTEM INTERFACE ${FUSE3_INCLUDE_DIRS})
if(EXISTS "${_lensfs_fuse3_archive}")
  # The archive by its path, then what it needs itself (liburing, libnuma, threads).
  set(_lensfs_fuse3_needs ${FUSE3_STATIC_LIBRARIES})
  list(REMOVE_ITEM _lensfs_fuse3_needs fuse3)
  target_link_libraries(lensfs_fuse3 INTERFACE "${_lensfs_fuse3_archive}" ${_lensfs_fuse3_needs} Threads::Threads)
else()
  target_link_libraries(lensfs_fuse3 INTERFACE ${FUSE3_LINK_LIBRARIES} Threads::Threads)
endif()
message(STATUS "libfuse ${FUSE3_VERSION}")
