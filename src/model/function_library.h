/* What a library of functions holds beside its text, told from the text. */
#ifndef MODEL_FUNCTION_LIBRARY_H
#define MODEL_FUNCTION_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

struct function_library {
    uint64_t code_len;
    uint64_t functions; /* that it registers; what it really does is known once its code runs */
    uint64_t vm_bytes;  /* held for its compiled code, estimated */
};

/* `len` bytes from the front of the library's `code_len` bytes of code; of what is left out the same is assumed. */
void function_library_read(struct function_library *library, const uint8_t *code, size_t len, uint64_t code_len);

#endif
