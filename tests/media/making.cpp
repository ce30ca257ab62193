#include "tests/media/making.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "catalog/base/fd.h"
#include "tests/support/process.h"

namespace lensfs::test {

void ffmpeg(const std::vector<std::string>& words) {
  std::vector<std::string> command = {"ffmpeg", "-v", "error", "-nostdin", "-y"};
  command.insert(command.end(), words.begin(), words.end());
  const Ran ran = run(command);
  ASSERT_EQ(ran.exit, 0) << ran.err;
}

std::vector<Rendition> make_all(const std::filesystem::path& source,
                                const std::vector<std::string>& recipes,
                                const std::filesystem::path& folder) {
  std::vector<Rendition> renditions(recipes.size());
  const auto from = open_path(source, O_RDONLY);
  if (!from) return renditions;
  std::vector<Order> orders;
  std::vector<Fd> outputs;
  for (std::size_t index = 0; index < recipes.size(); ++index) {
    const auto recipe = Recipe::from_text(recipes[index]);
    EXPECT_TRUE(recipe) << recipes[index];
    if (!recipe) return renditions;
    renditions[index].path =
        folder / (source.filename().string() + "." + std::to_string(index) + ".made");
    auto output = open_path(renditions[index].path, O_RDWR | O_CREAT | O_TRUNC);
    orders.push_back({*recipe, output->get()});
    outputs.push_back(std::move(*output));
  }
  std::string extension = source.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  Answers answers =
      make_timed({from->get(), stat_of(from->get())->st_size, extension}, orders, Progress());
  EXPECT_EQ(answers.size(), orders.size());
  for (std::size_t index = 0; index < answers.size(); ++index) {
    renditions[index].made = std::move(answers[index]);
  }
  return renditions;
}

Rendition make_one(const std::filesystem::path& source, const std::string& recipe,
                   const std::filesystem::path& folder) {
  Rendition rendition = make_all(source, {recipe}, folder).front();
  EXPECT_TRUE(rendition.made) << recipe << ": " << rendition.made.error().message();
  return rendition;
}

nlohmann::json probe(const std::filesystem::path& file) {
  const Ran ran = run({"ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format",
                       "-of", "json", file});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  return nlohmann::json::parse(ran.out, nullptr, false);
}

nlohmann::json stream_of(const nlohmann::json& probed, const std::string& type,
                         std::size_t number) {
  for (const auto& stream : probed.value("streams", nlohmann::json::array())) {
    if (stream.value("codec_type", "") == type && number-- == 0) return stream;
  }
  return nlohmann::json::object();
}

Pixels frame_of(const std::filesystem::path& file, int number, int width, int height,
                const std::string& filters) {
  const std::string chain = filters + ",select=gte(n\\," + std::to_string(number) +
                            "),scale=" + std::to_string(width) + ":" + std::to_string(height) +
                            ":flags=bicubic+accurate_rnd+full_chroma_int";
  const Ran ran = run({"ffmpeg", "-v", "error", "-nostdin", "-i", file, "-vf", chain, "-frames:v",
                       "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  return {width, height, ran.out};
}

double difference(const Pixels& one, const Pixels& other) {
  if (one.rgb.size() != other.rgb.size() || one.rgb.empty()) return 255;
  double sum = 0;
  for (std::size_t at = 0; at < one.rgb.size(); ++at) {
    sum += std::abs(static_cast<unsigned char>(one.rgb[at]) -
                    static_cast<unsigned char>(other.rgb[at]));
  }
  return sum / static_cast<double>(one.rgb.size());
}

std::vector<std::int16_t> samples_of(const std::filesystem::path& file, int channels, int rate) {
  const Ran ran = run({"ffmpeg", "-v", "error", "-nostdin", "-i", file, "-map", "0:a:0", "-af",
                       "aresample=async=1:first_pts=0", "-ac", std::to_string(channels), "-ar",
                       std::to_string(rate), "-f", "s16le", "-"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  std::vector<std::int16_t> samples(ran.out.size() / 2);
  std::memcpy(samples.data(), ran.out.data(), samples.size() * 2);
  return samples;
}

}  // namespace lensfs::test
