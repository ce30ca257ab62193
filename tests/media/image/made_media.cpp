#include "tests/media/image/made_media.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>

#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

std::string big(std::uint32_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i)
    text.push_back(static_cast<char>(number >> (8 * static_cast<unsigned>(i)) & 0xffU));
  return text;
}

std::string little(std::uint32_t number, int bytes) {
  const std::string text = big(number, bytes);
  return {text.rbegin(), text.rend()};
}

std::string file_of(const std::vector<std::string>& objects) {
  std::string pdf = "%PDF-1.4\n";
  std::string table;
  int number = 0;
  for (const std::string& object : objects) {
    std::array<char, 32> line{};
    std::snprintf(line.data(), line.size(), "%010zu 00000 n \n", pdf.size());
    table += line.data();
    pdf += std::to_string(++number) + " 0 obj\n" + object + "\nendobj\n";
  }
  const std::string start = std::to_string(pdf.size());
  const std::string count = std::to_string(objects.size() + 1);
  return pdf + "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer<</Size " + count +
         "/Root 1 0 R";
}

std::string closed(const std::string& pdf) {
  const std::string start = std::to_string(pdf.rfind("xref\n"));
  return pdf + ">>\nstartxref\n" + start + "\n%%EOF\n";
}

// One entry of a TIFF directory.
std::string entry(std::uint32_t tag, std::uint32_t type, std::uint32_t count,
                  const std::string& value) {
  std::string padded = value;
  padded.resize(4, '\0');
  return little(tag, 2) + little(type, 2) + little(count, 4) + padded;
}

}  // namespace

void make_with(const std::vector<std::string>& words) {
  const Ran ran = run(words);
  ASSERT_EQ(ran.exit, 0) << words.front() << ": " << ran.err;
}

void make_quarters(const path& to, int width, int height) {
  std::string ppm = "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const bool left = 2 * x < width;
      if (2 * y < height)
        ppm += left ? std::string("\xff\0\0", 3) : std::string("\0\xff\0", 3);
      else
        ppm += left ? std::string("\0\0\xff", 3) : std::string("\xff\xff\0", 3);
    }
  const path raw = to.string() + ".ppm";
  write_file(raw, ppm);
  make_with({"vips", "copy", raw.string(), to.string()});
}

void make_plain(const path& to, int red, int green, int blue) {
  std::string ppm = "P6\n64 48\n255\n";
  for (int i = 0; i < 64 * 48; ++i) {
    ppm.push_back(static_cast<char>(red));
    ppm.push_back(static_cast<char>(green));
    ppm.push_back(static_cast<char>(blue));
  }
  const path raw = to.string() + ".ppm";
  write_file(raw, ppm);
  make_with({"vips", "copy", raw.string(), to.string()});
}

std::string pdf_of(const std::vector<std::string_view>& colours) {
  std::vector<std::string> objects = {"<</Type/Catalog/Pages 2 0 R>>", ""};
  std::string kids;
  for (const std::string_view colour : colours) {
    const std::string content = std::string(colour) + " rg 0 0 144 72 re f";
    kids += std::to_string(objects.size() + 1) + " 0 R ";
    objects.push_back("<</Type/Page/Parent 2 0 R/MediaBox[0 0 144 72]/Contents " +
                      std::to_string(objects.size() + 2) + " 0 R>>");
    objects.push_back("<</Length " + std::to_string(content.size()) + ">>stream\n" + content +
                      "\nendstream");
  }
  objects[1] = "<</Type/Pages/Kids[" + kids + "]/Count " + std::to_string(colours.size()) + ">>";
  return closed(file_of(objects));
}

std::string locked_pdf() {
  const std::string key(64, '7');  // hexadecimal; the key of no empty password
  return closed(file_of({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                         "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"}) +
                "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + key + ">/U<" + key +
                ">>>");
}

std::string psd_of(const PsdSketch& sketch) {
  const auto side = static_cast<std::uint32_t>(sketch.side);
  std::string psd = "8BPS" + big(1, 2) + std::string(6, '\0') +
                    big(static_cast<std::uint32_t>(sketch.channels.size()), 2) + big(side, 4) +
                    big(side, 4) + big(8, 2) + big(static_cast<std::uint32_t>(sketch.mode), 2);
  psd += big(0, 4) + big(0, 4);  // no palette, no resources
  const std::string layers = sketch.transparent ? big(0xffffU, 2) : big(0, 2);  // -1 or 0
  psd += big(6, 4) + big(2, 4) + layers;
  psd += big(1, 2);  // rows are packed
  const std::string row = {static_cast<char>(1 - sketch.side), '\0'};
  for (std::uint32_t i = 0; i < side * sketch.channels.size(); ++i) psd += big(2, 2);
  for (const int value : sketch.channels)
    for (std::uint32_t i = 0; i < side; ++i) psd += row.substr(0, 1) + static_cast<char>(value);
  return psd;
}

std::string dng() {
  constexpr std::uint32_t kWidth = 64;
  constexpr std::uint32_t kHeight = 48;
  constexpr std::uint32_t kEntries = 16;
  constexpr std::uint32_t kExtra = 8 + 2 + kEntries * 12 + 4;
  constexpr std::uint32_t kMatrix = kExtra + 16;
  constexpr std::uint32_t kNeutral = kMatrix + 72;
  constexpr std::uint32_t kPixels = kNeutral + 24;
  std::string file = "II*" + std::string(1, '\0') + little(8, 4) + little(kEntries, 2);
  file += entry(254, 4, 1, little(0, 4));
  file += entry(256, 4, 1, little(kWidth, 4));
  file += entry(257, 4, 1, little(kHeight, 4));
  file += entry(258, 3, 1, little(16, 2));
  file += entry(259, 3, 1, little(1, 2));
  file += entry(262, 3, 1, little(32803, 2));  // colour filters
  file += entry(271, 2, 4, "Test");
  file += entry(272, 2, 12, little(kExtra, 4));
  file += entry(273, 4, 1, little(kPixels, 4));
  file += entry(277, 3, 1, little(1, 2));
  file += entry(278, 4, 1, little(kHeight, 4));
  file += entry(279, 4, 1, little(kWidth * kHeight * 2, 4));
  file += entry(33421, 3, 2, little(2, 2) + little(2, 2));
  file += entry(33422, 1, 4, std::string("\0\1\1\2", 4));  // RGGB
  file += entry(50706, 1, 4, std::string("\1\4\0\0", 4));  // DNG 1.4
  file += entry(50721, 10, 9, little(kMatrix, 4));
  file += little(0, 4) + std::string("Test Camera\0\0\0\0\0", 16);
  for (const int value : {10000, 0, 0, 0, 10000, 0, 0, 0, 10000})
    file += little(static_cast<std::uint32_t>(value), 4) + little(10000, 4);
  for (int i = 0; i < 3; ++i) file += little(1, 4) + little(1, 4);
  for (std::uint32_t i = 0; i < kWidth * kHeight; ++i) file += little(20000, 2);
  return file;
}

void make_zip(const path& to, const std::vector<Member>& members) {
  const path folder = to.string() + ".parts";
  std::string script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', 8)\n";
  int number = 0;
  for (const Member& member : members) {
    const path part = folder / std::to_string(++number);
    write_file(part, member.content);
    script += "z.write('" + part.string() + "', '" + member.name + "')\n";
  }
  make_with({"python3", "-c", script + "z.close()\n", to.string()});
}

std::string content_of(const path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace lensfs::test
