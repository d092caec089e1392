// Verifying: the façade over package/'s levels, with the disk.
#include "vetset/package/key_file.h"
#include "vetset/vetset.h"

namespace vetset {

Result<Verification> verify(const std::string& path, const VerifyOptions& options) {
  VerifyRequest request{.today = options.today, .only = options.only, .share = options.share, .strict = options.strict};
  for (const std::string& file : options.keys) {
    VETSET_TRY(const std::string pem, read_key_file(file));
    auto key = read_public_key(pem);
    if (!key) return std::move(key).error().in(file);
    request.keys.push_back(*std::move(key));
  }
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_tree(path, {.limits = options.common.limits}));
  return verify_package(*tree, request, Pool(options.common.threads), options.common.progress);
}

}  // namespace vetset
