// Worker: one process that does random things to a folder of its own and knows what must come of
// it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/stress/model.h"

namespace lensfs::stress {

// What a worker reads but nobody changes: D/shared, made before the workers start.
constexpr int kSharedFiles = 8;
[[nodiscard]] std::string shared_bytes(int number);
void make_shared_files(const std::string& folder);

class Worker {
 public:
  // `top` is the folder of all workers; this one's is `top`/p<number>. What it does depends on
  // seed, number and nothing else, so that it can be replayed.
  Worker(const std::string& top, int number, int workers, std::uint64_t seed);

  void step();       // one random operation
  void check_all();  // closes everything, then reads and lists all that must be there
  // "<digest> <size> <path below top>" per file.
  [[nodiscard]] std::string manifest() const;
  [[nodiscard]] const char* last_operation() const { return last_; }

 private:
  struct Operation {
    const char* name;
    unsigned weight;
    void (Worker::*run)();
  };
  static std::span<const Operation> operations();

  // --- of files (file_operations.cpp)
  void create();
  void open();
  void close();
  void read();
  void write();
  void append();
  void truncate();
  void truncate_open();
  void map_and_read();
  void map_and_write();
  void allocate();
  void copy_range();
  void sync();
  void look();
  void read_whole();
  // --- of names (name_operations.cpp)
  void make_folder();
  void remove_folder();
  void rename();
  void rename_folder();
  void unlink();
  void link();
  void list();
  void read_shared();
  void read_of_others();

  [[nodiscard]] std::string full(const std::string& path) const { return joined(root_, path); }
  [[nodiscard]] std::size_t up_to(std::size_t most) { return random_() % (most + 1); }
  [[nodiscard]] std::string any_file();  // "" if there is none
  [[nodiscard]] std::string any_folder();
  [[nodiscard]] std::string new_path();
  // A handle of which this member is true; nullptr if there is none.
  [[nodiscard]] Handle* any_handle(bool Handle::*may);
  void check_names(const std::string& folder);

  std::string top_, root_;
  int number_, workers_;
  Random random_;
  Tree tree_;
  std::vector<Handle> handles_;
  std::uint64_t made_ = 0;
  const char* last_ = "start";
};

}  // namespace lensfs::stress
