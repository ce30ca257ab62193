// The value of a result that a test relies on; the test ends when there is none.
#pragma once

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "catalog/base/result.h"

namespace lensfs::test {

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

template <typename T>
Errc error_code(const Result<T>& result) {
  if (result) throw std::runtime_error("an error was expected, but all went well");
  return result.error().code();
}

}  // namespace lensfs::test
