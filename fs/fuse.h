// libfuse, in the one form in which the project uses it. Included only inside fs/.
#pragma once

#define FUSE_USE_VERSION 317
#include <fuse_lowlevel.h>
