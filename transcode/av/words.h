// Words: what the libraries say of one source while it is read, so that an error can tell people
// more than "invalid data". Safe from several threads: decoders have their own.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs::av {

class Words {
 public:
  void add(std::string_view line);
  // `error`, with the first complaint that was heard; the first is nearest to the cause.
  [[nodiscard]] Error explain(const Error& error) const;
  // How many complaints were heard.
  [[nodiscard]] std::int64_t count() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::string first_;
  std::int64_t count_ = 0;
};

// From now on the libraries print nothing. What they say of a format or codec context goes to the
// Words that its `opaque` points to; every context of this folder has one or none there.
void listen_to_libraries();

}  // namespace lensfs::av
