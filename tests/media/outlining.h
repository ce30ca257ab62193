// Outlines made and rendered in process, and compared with what is made in one go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catalog/base/fd.h"
#include "tests/support/temp_dir.h"
#include "transcode/outline.h"

namespace lensfs::test {

// A source that is open, and an outline of it.
class Outlined {
 public:
  // Fails the test if there is no outline; see made().
  Outlined(const std::filesystem::path& source, const std::string& recipe,
           const std::filesystem::path& folder, const std::string& name);

  [[nodiscard]] const Result<Made>& made() const { return made_; }
  [[nodiscard]] const SlotMap& slots() const { return slots_; }
  [[nodiscard]] std::filesystem::path bytes_path() const { return bytes_path_; }
  [[nodiscard]] OutlineFiles files() const { return {bytes_.get(), layout_.get()}; }
  [[nodiscard]] std::unique_ptr<SlotRenderer> renderer() const;

  // Renders these, one at a time, in this order; fails the test if one cannot be. Those that were
  // told of on the way to others are not asked for.
  void render(const std::vector<std::int64_t>& slots);
  [[nodiscard]] std::vector<std::int64_t> all() const;
  // Which slots were told of as replaced, in their order.
  [[nodiscard]] const std::vector<std::int64_t>& replaced() const { return replaced_; }

 private:
  Fd source_;
  std::int64_t source_size_ = 0;
  std::string extension_;
  Recipe recipe_;
  std::filesystem::path bytes_path_;
  Fd bytes_;
  Fd layout_;
  Result<Made> made_ = fail(Errc::interrupted, "not made");
  SlotMap slots_;
  std::vector<std::int64_t> replaced_;
};

// A source for lavfi: a test card of this size and rate, for so many seconds.
[[nodiscard]] std::string test_picture(const std::string& size, const std::string& rate,
                                       double seconds);
// As ffprobe says of a stream; -1 if it does not.
[[nodiscard]] double seconds_of(const nlohmann::json& stream);
// Fails the test if ffmpeg complains of anything in it.
void expect_decodes(const std::filesystem::path& file);

// Where the files differ first, or that they do not: "same".
[[nodiscard]] std::string compared(const std::filesystem::path& one,
                                   const std::filesystem::path& other);

// Makes the rendition in one go, and outlines that are rendered in order, in random order,
// backwards, and by four renderers at once; fails the test where they differ. The path of the
// whole file.
std::filesystem::path expect_all_ways_same(const std::filesystem::path& source,
                                           const std::string& recipe,
                                           const std::filesystem::path& folder);

}  // namespace lensfs::test
