#include "catalog/model/taxonomy.h"

namespace lensfs {
Status rename_term(Transaction&, const Actor&, std::string_view, std::string_view) {
  return fail(Errc::not_supported);
}
Status remove_term(Transaction&, const Actor&, std::string_view) {
  return fail(Errc::not_supported);
}
}  // namespace lensfs
