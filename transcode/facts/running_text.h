// RunningText: the words of an XML text that comes in blocks, without a tree of it, so that a part
// of any size costs little. Ends of paragraphs, cells and lines become spaces.
#pragma once

#include <string>
#include <string_view>

namespace lensfs::facts {

class RunningText {
 public:
  enum class Of {
    runs,  // what is in elements called "t": OOXML
    all,   // everything but scripts and styles
  };
  explicit RunningText(Of of) : of_(of) {}
  void add(std::string_view block);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void end_tag();
  void end_entity();
  void put(char c);
  Of of_;
  bool in_tag_ = false;
  bool in_entity_ = false;
  bool is_wanted_ = false;  // inside of a run
  int skipped_ = 0;         // scripts and styles that have not ended
  std::string tag_;         // its beginning
  std::string entity_;
  std::string text_;
};

}  // namespace lensfs::facts
