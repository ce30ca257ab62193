# What nearly every source includes is read once for a group of targets, not once for each source: it is more than half
# of the time that a source takes. The dev, tidy and coverage presets do without, and so find the source that relies on
# an include it does not make.
option(LENSFS_PRECOMPILE "Compile the headers that nearly every source includes only once" ON)

# lensfs_precompile(OWNER HEADERS HEADER… FOR TARGET…): the headers are compiled with OWNER, and read before each
# source of OWNER and of the TARGETs that are there. These may have definitions that OWNER has not, not the other way.
function(lensfs_precompile owner)
  cmake_parse_arguments(PARSE_ARGV 1 given "" "" "HEADERS;FOR")
  if(NOT LENSFS_PRECOMPILE OR NOT TARGET ${owner})
    return()
  endif()
  target_precompile_headers(${owner} PRIVATE ${given_HEADERS})
  foreach(target IN LISTS given_FOR)
    if(TARGET ${target})
      target_precompile_headers(${target} REUSE_FROM ${owner})
    endif()
  endforeach()
endfunction()

set(standard
  <algorithm> <array> <atomic> <chrono> <condition_variable> <filesystem> <functional> <map> <memory> <mutex>
  <optional> <set> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
  <fmt/format.h>)
set(base ${standard} "${CMAKE_SOURCE_DIR}/catalog/base/result.h" "${CMAKE_SOURCE_DIR}/catalog/base/fd.h"
  "${CMAKE_SOURCE_DIR}/catalog/base/log.h")
set(model ${base} "${CMAKE_SOURCE_DIR}/catalog/model/catalog.h")

lensfs_precompile(lensfs_base HEADERS ${standard})
lensfs_precompile(lensfs_store HEADERS ${base} FOR lensfs_db lensfs_xmp)
lensfs_precompile(lensfs_model HEADERS ${model})
lensfs_precompile(lensfs_transcode_protocol HEADERS ${model}
  FOR lensfs_ingest lensfs_scheduler lensfs_transcode_service lensfs_transcode_client
      lensfs_transcode_av lensfs_transcode_image lensfs_transcode_facts)
lensfs_precompile(lensfs_views HEADERS ${model} "${CMAKE_SOURCE_DIR}/fs/tree.h" FOR lensfs_fs)
lensfs_precompile(lensfs_cli HEADERS ${model} "${CMAKE_SOURCE_DIR}/tools/commands/commands.h"
  "${CMAKE_SOURCE_DIR}/tools/cli/print.h")
lensfs_precompile(test_support HEADERS ${base} <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>
  FOR test_base test_store test_db test_xmp test_model test_ingest test_fs test_spotlight test_av
      test_scheduler test_transcode test_transcode_program test_cli test_mount test_posix test_stress test_share
      test_fault test_work_fault test_timed lensfs_test_stills test_stills test_stills_sandbox)
