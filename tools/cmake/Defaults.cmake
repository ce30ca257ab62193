# lensfs_defaults: what every target of the project is compiled with.
add_library(lensfs_defaults INTERFACE)
target_compile_features(lensfs_defaults INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)
# -fPIE for libraries too, for they go into programs only: what is compiled alike can share precompiled headers.
add_compile_options(-fPIE -pthread)
add_link_options(-pie)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
target_include_directories(lensfs_defaults INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(lensfs_defaults INTERFACE _FILE_OFFSET_BITS=64 _GNU_SOURCE)
# Without -Wnull-dereference: g++ 12 works it out only when it optimises, and then reports null
# pointers inside libstdc++.
target_compile_options(lensfs_defaults INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2
  -Wimplicit-fallthrough -Wswitch-enum -Wundef
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wuseless-cast>
  $<$<BOOL:${LENSFS_WERROR}>:-Werror>)
if(LENSFS_SANITIZE)
  target_compile_options(lensfs_defaults INTERFACE -fsanitize=${LENSFS_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lensfs_defaults INTERFACE -fsanitize=${LENSFS_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE}")
endif()
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(LENSFS_TIDY)
  find_program(CLANG_TIDY clang-tidy-14 REQUIRED)
  # Compilation is g++'s; clang does not know all of its warnings.
  set(CMAKE_CXX_CLANG_TIDY "${CLANG_TIDY};--quiet;--extra-arg=-Wno-unknown-warning-option")
endif()
