// Names: their length, their bytes, what looks special and is not.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

// Makes a file, lists it, reads it, renames it and back, and removes it.
std::string life_of(const std::string& name) {
  const Fd fd(::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
  if (!fd) return result(-1);
  must(::write(fd.get(), "hello", 5), "write");
  const std::vector<std::string> names = names_in(".");
  const bool is_listed = names.size() == 1 && names.front() == name;
  const std::string bytes = bytes_in(name);
  const std::string there = result(::rename(name.c_str(), "plain"));
  const std::string back = result(::rename("plain", name.c_str()));
  const std::string linked = result(::link(name.c_str(), "second"));
  return Said{
      "listed",    yes(is_listed), bytes, there, back, linked, result(::unlink(name.c_str())),
      list_of(".")};
}

void check_lengths() {
  for (const std::size_t length : {1U, 2U, 100U, 254U, 255U, 256U, 300U}) {
    check(Said{"name/length", length}, [=] { return life_of(std::string(length, 'n')); });
    check(Said{"name/folder of length", length}, [=] {
      const std::string name(length, 'n');
      return Said{result(::mkdir(name.c_str(), 0755)), result(::rmdir(name.c_str()))};
    });
  }
  check("name/255 bytes of letters of two bytes", [] {
    std::string name = "x";
    for (int i = 0; i < 127; ++i) name += "ä";
    return life_of(name);
  });
  check("name/256 bytes of letters of two bytes", [] {
    std::string name;
    for (int i = 0; i < 128; ++i) name += "ä";
    return life_of(name);
  });
  for (const char* call :
       {"mkdir", "symlink", "link", "rename", "mkfifo", "stat", "unlink", "rmdir"}) {
    check("name/too long for " + std::string(call), [=] {
      const std::string what = call;
      const std::string name(256, 'n');
      put("a", "x");
      struct stat found {};
      if (what == "mkdir") return result(::mkdir(name.c_str(), 0755));
      if (what == "symlink") return result(::symlink("a", name.c_str()));
      if (what == "link") return result(::link("a", name.c_str()));
      if (what == "rename") return result(::rename("a", name.c_str()));
      if (what == "mkfifo") return result(::mkfifo(name.c_str(), 0644));
      if (what == "stat") return result(::stat(name.c_str(), &found));
      if (what == "unlink") return result(::unlink(name.c_str()));
      return result(::rmdir(name.c_str()));
    });
  }
}

void check_bytes() {
  struct Case {
    const char* name;
    std::string bytes;
  };
  for (const Case& one : {Case{"space", " "},
                          Case{"spaces around", " a "},
                          Case{"trailing dot", "a."},
                          Case{"three dots", "..."},
                          Case{"hidden", ".hidden"},
                          Case{"dot-dot prefix", "..a"},
                          Case{"line break", "a\nb"},
                          Case{"tab", "a\tb"},
                          Case{"control", "a\x01\x1f"},
                          Case{"delete", "a\x7f"},
                          Case{"quotes", "a'b\"c`d"},
                          Case{"backslash", "a\\b"},
                          Case{"colon", "a:b"},
                          Case{"star and question", "*?"},
                          Case{"angle and pipe", "<a>|b"},
                          Case{"dash", "-rf"},
                          Case{"plus", "+"},
                          Case{"at", "@v3"},
                          Case{"at in a name", "clip@v2.mov"},
                          Case{"tilde", "a~b"},
                          Case{"tilde suffix", "a~k3f9.mov"},
                          Case{"equals", "kind=video"},
                          Case{"percent", "%2f"},
                          Case{"dollar", "$HOME"},
                          Case{"hash", "#a#"},
                          Case{"comma", "a,b"},
                          Case{"semicolon", "a;b"},
                          Case{"brackets", "[a]{b}(c)"},
                          Case{"composed", "\xc3\xa9"},
                          Case{"decomposed", "e\xcc\x81"},
                          Case{"Japanese", "日本語.mov"},
                          Case{"emoji", "🎬.mov"},
                          Case{"not UTF-8", "a\xff\xfe"},
                          Case{"cut UTF-8", "a\xc3"},
                          Case{"Latin-1", "\xe4\xf6\xfc"},
                          Case{"overlong UTF-8", "\xc0\xaf"},
                          Case{"surrogate", "\xed\xa0\x80"},
                          Case{"Windows device", "CON"},
                          Case{"Windows device with extension", "nul.txt"},
                          Case{"numbers", "0"},
                          Case{"long extension", "a.longextension"},
                          Case{".DS_Store", ".DS_Store"},
                          Case{"._resource", "._clip.mov"},
                          Case{"Thumbs.db", "Thumbs.db"},
                          Case{"lock of an office program", ".~lock.a.odt#"},
                          Case{"owner file", "~$doc.docx"},
                          Case{"tmp", "x.tmp"},
                          Case{"fuse hidden", ".fuse_hidden0001"},
                          Case{".versions", ".versions"},
                          Case{".lensfs", ".lensfs"},
                          Case{"Trash", ".Trash-0"}}) {
    check("name/" + std::string(one.name), [=] { return life_of(one.bytes); });
  }
  check("name/every byte but zero and slash", [] {
    int right = 0;
    for (int byte = 1; byte < 256; ++byte) {
      if (byte == '/' || byte == '.') continue;
      const std::string name(1, static_cast<char>(byte));
      put(name, name);
      right += bytes_in(name) == name ? 1 : 0;
    }
    return Said{right, names_in(".").size()};
  });
}

void check_alike() {
  check("name/case differs", [] {
    put("name", "lower");
    put("NAME", "upper");
    return Said{bytes_in("name"), bytes_in("NAME"), bytes_in("Name"), list_of(".")};
  });
  check("name/Unicode form differs", [] {
    put("\xc3\xa9", "composed");
    put("e\xcc\x81", "decomposed");
    return Said{bytes_in("\xc3\xa9"), bytes_in("e\xcc\x81"), names_in(".").size()};
  });
  check("name/trailing dot or space differs", [] {
    put("a", "plain");
    put("a.", "dot");
    put("a ", "space");
    return Said{bytes_in("a"), bytes_in("a."), bytes_in("a "), names_in(".").size()};
  });
  check("name/prefix of another", [] {
    put("clip", "short");
    put("clip.mov", "long");
    must(::unlink("clip"), "unlink");
    return Said{bytes_in("clip"), bytes_in("clip.mov")};
  });
}

}  // namespace

void check_names() {
  check_lengths();
  check_bytes();
  check_alike();
}

}  // namespace lensfs::posix
