// Mount: all that a worker holds while it serves; what every request handler is given.
#pragma once

#include <string>

#include "catalog/model/catalog.h"
#include "fs/backing.h"
#include "fs/mount_state.h"
#include "fs/notifier.h"
#include "fs/open_objects.h"
#include "fs/session.h"
#include "fs/tree.h"

namespace lensfs {

struct Mount {
  Catalog& catalog;
  MountState& state;
  Tree& tree;
  BackingTable& backing;
  OpenObjects& objects;
  Notifier& notifier;
  SessionOptions options;
  bool passthrough = false;  // settled by INIT, before any other request
};

}  // namespace lensfs
