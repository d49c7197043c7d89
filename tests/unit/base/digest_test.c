#include "test.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/digest.h"

/* The examples that NIST publishes for FIPS 180-4, and the lengths around a block's end. */
static void gives_the_digests_of_fips_180_4(void **state)
{
    static const struct {
        const char *text;
        size_t times;
        const char *digest;
    } rows[] = {
        { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmn"
          "opqrstnopqrstu",
          1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
        { "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
        { "a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
        { "a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
        { "a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
        { "a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
        { "a", 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = strlen(rows[i].text);
        char *data = malloc(n * rows[i].times + 1), digest[DIGEST_TEXT_LEN + 1];
        assert_non_null(data);
        for (size_t k = 0; k < rows[i].times; k++)
            memcpy(data + k * n, rows[i].text, n);
        memset(digest, 'z', sizeof(digest));
        digest_sha256((struct str){ data, n * rows[i].times }, digest);
        free(data);
        assert_string_equal(digest, rows[i].digest);
    }
}

static void digests_zero_bytes_and_nothing(void **state)
{
    char digest[DIGEST_TEXT_LEN + 1];
    (void)state;
    digest_sha256((struct str){ "\0", 1 }, digest);
    assert_string_equal(digest, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    digest_sha256((struct str){ NULL, 0 }, digest);
    assert_string_equal(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

RUN_TESTS(cmocka_unit_test(gives_the_digests_of_fips_180_4), cmocka_unit_test(digests_zero_bytes_and_nothing))
