#include "libbroker/log/replace_file.h"

#include "libbroker/base/bytes.h"
#include "libbroker/base/disk.h"

namespace kt::log {

Result<void> replace_file(Disk& disk, const std::string& path, std::string_view contents, Flush flush) {
  if (flush == Flush::files) return disk.replace(path, contents);
  const std::string temporary = path + ".tmp";
  {
    auto file = disk.open(temporary, Disk::Mode::create);
    if (!file) return fail(std::move(file.error()));
    if (auto done = (*file)->truncate(0); !done) return done;
    if (auto done = (*file)->write_at(0, as_bytes(contents)); !done) return done;
  }
  return disk.rename(temporary, path);
}

}  // namespace kt::log
