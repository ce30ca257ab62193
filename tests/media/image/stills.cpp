#include "tests/media/image/stills.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "catalog/base/fd.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

Order order_of(const Wish& wish, int output) {
  Order order;
  order.recipe.width = wish.width;
  order.recipe.height = wish.height;
  order.recipe.format = wish.format;
  order.recipe.quality = wish.quality;
  order.recipe.at = wish.at;
  order.output = output;
  return order;
}

}  // namespace

std::string extension_of(const path& file) {
  std::string extension = file.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

std::vector<Result<Still>> Studio::make_all(const path& source, const std::vector<Wish>& wishes) {
  std::vector<path> files;
  std::vector<Fd> outputs;
  std::vector<Order> orders;
  for (const Wish& wish : wishes) {
    files.push_back(folder_ / std::to_string(++made_));
    outputs.push_back(open_path(files.back(), O_RDWR | O_CREAT | O_TRUNC).value());
    orders.push_back(order_of(wish, outputs.back().get()));
  }
  const Fd fd = open_path(source, O_RDONLY).value();
  const auto size = stat_of(fd.get()).value().st_size;
  const Answers answers = make_stills({fd.get(), size, extension_of(source)}, orders, {});
  std::vector<Result<Still>> stills;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      stills.emplace_back(fail(answers[i].error()));
      continue;
    }
    const path named = files[i].string() + "." + answers[i]->extension;
    std::filesystem::rename(files[i], named);
    stills.emplace_back(Still{*answers[i], named});
  }
  return stills;
}

Result<Still> Studio::make(const path& source, const Wish& wish) {
  return std::move(make_all(source, {wish}).front());
}

Colour colour_at(const path& picture, int x, int y) {
  const Ran ran = run({"vips", "getpoint", picture.string(), std::to_string(x), std::to_string(y)});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  std::istringstream words(ran.out);
  std::vector<double> values;
  for (double value = 0; words >> value;) values.push_back(value);
  if (values.empty()) return {};
  if (values.size() < 3)
    return {values[0], values[0], values[0], values.size() > 1 ? values[1] : 255};
  return {values[0], values[1], values[2], values.size() > 3 ? values[3] : 255};
}

std::string difference(const Colour& got, const Colour& wanted, double tolerance) {
  const double most =
      std::max({std::abs(got.red - wanted.red), std::abs(got.green - wanted.green),
                std::abs(got.blue - wanted.blue), std::abs(got.alpha - wanted.alpha)});
  if (most <= tolerance) return "";
  std::ostringstream text;
  text << "got " << got.red << ' ' << got.green << ' ' << got.blue << ' ' << got.alpha
       << ", wanted " << wanted.red << ' ' << wanted.green << ' ' << wanted.blue << ' '
       << wanted.alpha;
  return text.str();
}

double rms(const path& one, const path& other) {
  const Ran ran = run({"compare", "-metric", "RMSE", one.string(), other.string(), "null:"});
  const std::size_t bracket = ran.err.find('(');
  EXPECT_NE(bracket, std::string::npos) << ran.err;
  return bracket == std::string::npos ? 1 : std::strtod(ran.err.c_str() + bracket + 1, nullptr);
}

std::string header(const path& picture, const std::string& field) {
  const Ran ran = run({"vipsheader", "-f", field, picture.string()});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  return ran.out.substr(0, ran.out.find('\n'));
}

path shared_media() {
  const char* given = std::getenv("LENSFS_TEST_MEDIA");
  return given == nullptr ? path(LENSFS_SOURCE) / "../shared/media" : path(given);
}

}  // namespace lensfs::test
