// Herald: lets those who watch a folder (inotify, and by it file managers and Samba's change
// notify) hear of what was not done through the mount: by commands, by other mounts, by the drive
// itself, or through the mount in another folder.
//
// The kernel tells them only of what is done through it. So the herald's process (herald_process.h)
// does it once more there, and this mount answers without changing anything. Here is gathered what
// they are to hear; what happened to a name while it waits is one event, and to many names of one
// folder one event of the folder. Folders that the kernel does not know nobody watches: they are
// asked for first and then left out. One thread: the notifier's.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <vector>

#include "fs/herald_message.h"
#include "fs/stale.h"

namespace lensfs {

class KernelCaches;

class Herald {
 public:
  // `process`: the worker's end of the herald's socket; -1: nobody is to hear anything.
  Herald(Tree& tree, int process) : tree_(tree), process_(process) {}

  // To be called once the kernel was told of it.
  void add(const Stale& stale);
  // Sends what is due and takes answers; to be called whenever fd() can be read or patience() is
  // over. Names that came or went are forgotten once more, by `kernel`.
  void go_on(KernelCaches& kernel);
  [[nodiscard]] int fd() const { return process_; }
  // Milliseconds until there is something to do; -1: until there is something new.
  [[nodiscard]] int patience() const;

 private:
  using SteadyClock = std::chrono::steady_clock;
  // What is to be heard of one folder.
  struct Folder {
    std::map<std::string, StaleName::Is> names;
    bool whole = false;  // too much to name
  };

  [[nodiscard]] bool is_idle() const { return folders_.empty() && files_.empty(); }
  void add_name(const StaleName& name);
  void add_folder(NodeId folder);
  [[nodiscard]] Status place_files();
  void look_for_folders();
  void tell(KernelCaches& kernel, const std::string& known);
  [[nodiscard]] std::vector<HeraldEvent> events_of(NodeId node, const Folder& folder);
  [[nodiscard]] std::optional<HeraldEvent> event_of(NodeId node, const std::string& name,
                                                    StaleName::Is is);
  void send(std::vector<HeraldEvent> events);
  void take_answers(KernelCaches& kernel);

  Tree& tree_;
  int process_;
  std::map<NodeId, Folder> folders_;
  std::set<FileId> files_;         // whose places are still to be found
  std::vector<HeraldEvent> sent_;  // what is being asked or told
  HeraldToken token_ = 0;          // of it; 0: nothing is
  SteadyClock::time_point sent_at_{};
};

}  // namespace lensfs
