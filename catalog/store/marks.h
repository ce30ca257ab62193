// Marks of the living, staging/<kind>/<id>: a mount or a worker holds an exclusive flock on its own
// for as long as it lives, so that others know whether what it has begun is still being done.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "catalog/base/fd.h"

namespace lensfs {

// Marks: those of one kind in one library. Ids are never used twice. Thread-safe.
class Marks {
 public:
  enum class Of { mounts, workers };
  enum class Life { dead, alive, unknown };  // unknown: the mark cannot be looked at

  Marks(const std::filesystem::path& library, Of of);
  // The name of the directory in staging/.
  [[nodiscard]] static std::string_view name_of(Of of);

  // Says to other processes that this one lives, while the descriptor does.
  [[nodiscard]] Result<Fd> mark_alive(const std::string& id) const;
  [[nodiscard]] Life life_of(const std::string& id) const;
  // False if the marks cannot be listed. That there are none is no failure.
  bool each(const std::function<void(const std::filesystem::path& mark, Life)>& visit) const;
  void remove_those_of_the_dead(std::string_view but = {}) const;
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
};

}  // namespace lensfs
