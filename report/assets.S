/* The bundles as they are in web/dist, and their table (struct asset). An assembler file, so that the build needs no
 * Node, no generated source, and link-time optimisation has nothing to do with it. */
#if __SIZEOF_POINTER__ == 8
#define WORD .quad
#else
#define WORD .long
#endif

    .macro asset name, file
    .section .rodata
0:  .incbin "\file"
1:
    .section .data.rel.ro, "aw"
    .balign 8
    .globl asset_\name
    .type asset_\name, %object
    .size asset_\name, 2 * __SIZEOF_POINTER__
asset_\name:
    WORD 0b
    WORD 1b - 0b
    .endm

    asset script, "report.js"
    asset style, "report.css"
    asset policy, "report.csp"

    .section .note.GNU-stack, "", %progbits
