// A Samba server for one test: its own smb.conf, directories and port on loopback, ended with the
// test. The share is what `lensfs share smb` writes for the mount; guests act as root there, so
// that no user has to be made.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/drive.h"

namespace lensfs::test {

class ShareTest : public DriveTest {
 protected:
  // Mounts, and shares the mount as "media". Fails unless smbd answers.
  testing::AssertionResult share(const std::vector<std::string>& options = {});
  // Runs commands of smbclient in one session ("put a b; ls").
  [[nodiscard]] Ran client(const std::string& commands, const std::string& name = "media") const;
  [[nodiscard]] Command client_command(const std::string& commands,
                                       const std::string& name = "media") const;
  [[nodiscard]] path configuration() const { return server_ / "smb.conf"; }
  // Where smbclient reads and writes its own files.
  [[nodiscard]] path local(const std::string& name) const { return server_ / "local" / name; }
  [[nodiscard]] int smb_port() const { return port_; }
  void TearDown() override;

 private:
  void end_helpers();
  TempDir server_;
  int port_ = 0;
  std::unique_ptr<Child> smbd_;
};

#define LENSFS_NEEDS_SAMBA() \
  LENSFS_NEEDS_FUSE();       \
  LENSFS_NEEDS("smbd");      \
  LENSFS_NEEDS("smbclient")

}  // namespace lensfs::test
