// Stills made in this process, and what other programs say of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/base/result.h"
#include "tests/support/temp_dir.h"
#include "transcode/engine.h"

namespace lensfs::test {

using std::filesystem::path;

// A still on disk.
struct Still {
  Made made;
  path file;
};

struct Wish {
  int width = 0;
  int height = 0;
  std::string format = "png";
  std::string at{};
  int quality = 0;
};

// Stills of one source, written into one folder. The source's extension is that of its name.
class Studio {
 public:
  [[nodiscard]] const TempDir& folder() const { return folder_; }
  [[nodiscard]] Result<Still> make(const path& source, const Wish& wish);
  [[nodiscard]] std::vector<Result<Still>> make_all(const path& source,
                                                    const std::vector<Wish>& wishes);

 private:
  TempDir folder_;
  int made_ = 0;
};

// Of the name, lower case, without a dot; as MediaSource wants it.
[[nodiscard]] std::string extension_of(const path& file);

struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
  double alpha = 255;
};
// As `vips getpoint` says, 0 … 255.
[[nodiscard]] Colour colour_at(const path& picture, int x, int y);
// Whether two colours are alike to within `tolerance` in each channel; the test's failure text.
[[nodiscard]] std::string difference(const Colour& got, const Colour& wanted, double tolerance);
// Root mean square difference over all channels of two pictures of one size, 0 … 1.
[[nodiscard]] double rms(const path& one, const path& other);
// A field of the header ("width", "bands", "format"), as vipsheader says.
[[nodiscard]] std::string header(const path& picture, const std::string& field);

// Media given by hand for tests; a test skips what is not there.
[[nodiscard]] path shared_media();

}  // namespace lensfs::test
