// Mount: all that a worker holds while it serves; what every request handler is given.
#pragma once

#include <string>

#include "catalog/model/catalog.h"
#include "fs/awaited_renditions.h"
#include "fs/brought_files.h"
#include "fs/mount_state.h"
#include "fs/new_files.h"
#include "fs/notifier.h"
#include "fs/open_files.h"
#include "fs/open_objects.h"
#include "fs/real_names.h"
#include "fs/reclaimer.h"
#include "fs/saver.h"
#include "fs/session.h"
#include "fs/sidecar_files.h"
#include "fs/tree.h"
#include "fs/use_recorder.h"
#include "fs/working_files.h"

namespace lensfs {

class Clips;

struct Mount {
  Catalog& catalog;
  MountState& state;
  Tree& tree;
  OpenFiles& open_files;
  WorkingFiles& files;
  OpenObjects& objects;
  NewFiles& new_files;
  Saver& saver;
  Reclaimer& reclaimer;
  Notifier& notifier;
  AwaitedRenditions& awaited;
  Clips& clips;
  BroughtFiles& brought;
  SidecarFiles& sidecars;
  UseRecorder& uses;
  std::int64_t origin = 0;  // of the changes that this mount makes
  SessionOptions options;
  bool passthrough = false;  // settled by INIT, before any other request
  RealNames real_names{tree};
};

}  // namespace lensfs
