#include "vetset/base/digest.h"

#include <doctest/doctest.h>

#include <vector>

#include "vetset/base/base64.h"

using namespace vetset;

namespace {

std::string text_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

/// RFC 6962 §2.1 word by word: split at the largest power of two smaller than n.
Digest naive_root(const std::vector<std::string>& rows, std::size_t begin, std::size_t end) {
  if (begin == end) return sha256("");
  if (end - begin == 1) return sha256(std::string(1, '\0') + rows[begin]);
  std::size_t half = 1;
  while (2 * half < end - begin) half *= 2;
  return sha256("\x01" + text_of(naive_root(rows, begin, begin + half)) + text_of(naive_root(rows, begin + half, end)));
}

}  // namespace

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
  CHECK(sha256("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex() ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')).text() ==
        "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("bytes in pieces have the digest of the whole, and a finished hash starts anew") {
  const std::string bytes(1000, 'x');
  Sha256 hash;
  for (int round = 0; round < 2; ++round) {
    hash.add(std::string_view(bytes).substr(0, 63));
    hash.add("");
    hash.add(std::string_view(bytes).substr(63));
    CHECK(hash.finish() == sha256(bytes));
  }
}

TEST_CASE("a digest reads back from its text, and from nothing else") {
  const Digest digest = sha256("abc");
  REQUIRE(parse_digest(digest.text()));
  CHECK(*parse_digest(digest.text()) == digest);
  CHECK(*parse_digest(digest.hex()) == digest);
  CHECK(!parse_digest(""));
  CHECK(!parse_digest(digest.hex().substr(1)));
  CHECK(!parse_digest(digest.hex() + "0"));
  CHECK(!parse_digest("SHA256:" + digest.hex()));
  std::string upper = digest.hex();
  upper[0] = 'B';
  CHECK(!parse_digest(upper));
}

TEST_CASE("the streamed Merkle tree has the root that RFC 6962 defines") {
  std::vector<std::string> rows;
  MerkleTree tree;
  for (std::size_t n = 0; n <= 70; ++n) {
    CAPTURE(n);
    CHECK(tree.size() == n);
    CHECK(tree.root() == naive_root(rows, 0, n));
    rows.push_back("row " + std::to_string(n * n) + std::string(n, '\n'));
    tree.add(rows.back());
  }
}

TEST_CASE("a leaf is not mistaken for a node") {
  MerkleTree two;
  two.add("a");
  two.add("b");
  MerkleTree one;
  one.add(text_of(MerkleTree::leaf("a")) + text_of(MerkleTree::leaf("b")));
  CHECK(one.root() != two.root());
}

TEST_CASE("base64 gives the examples of RFC 4648 and reads them back") {
  const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"},
                                                          {"\xff\xfe\xfb", "//77"}};
  for (const auto& [bytes, text] : examples) {
    CHECK(base64(bytes) == text);
    REQUIRE(parse_base64(text));
    CHECK(*parse_base64(text) == bytes);
  }
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    all += static_cast<char>(i * 37);
    CHECK(*parse_base64(base64(all)) == all);
  }
}

TEST_CASE("base64 that another writer could have spelled otherwise is refused") {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-", "Zm9_"}) {
    CAPTURE(text);
    CHECK(!parse_base64(text));
  }
}
