#include "textflag.h"

// func wideRow(prev, cur, e *uint16, profile *int16, n int, s *wideState)
//
// n blocks of eight columns of a row of the query. X0 is h, X3 e, X5 f; all
// subtractions stop at 0, which is the floor. X13 holds in its lowest lane the
// deletion that enters the next block.
TEXT ·wideRow(SB), NOSPLIT, $0-48
	MOVQ  prev+0(FP), SI
	MOVQ  cur+8(FP), DI
	MOVQ  e+16(FP), DX
	MOVQ  profile+24(FP), BX
	MOVQ  n+32(FP), CX
	MOVQ  s+40(FP), R8
	MOVOU 0(R8), X8    // open
	MOVOU 16(R8), X9   // extend
	MOVOU 32(R8), X10  // 2 extend
	MOVOU 48(R8), X11  // 4 extend
	MOVOU 64(R8), X12  // bound - 1
	MOVOU 80(R8), X13  // carry
	MOVOU 96(R8), X14  // max
	PXOR  X15, X15
	XORQ  AX, AX
	MOVQ  $-1, R9
	MOVQ  $-1, R10

block:
	MOVOU   -2(SI), X0
	MOVOU   (BX), X1
	PADDSW  X1, X0
	MOVOU   (SI), X2
	PSUBUSW X8, X2
	MOVOU   (DX), X3
	PSUBUSW X9, X3
	PMAXSW  X2, X3
	MOVOU   X3, (DX)
	PMAXSW  X3, X0

	// Does a deletion enter any of the columns?
	MOVO     X0, X4
	PSUBUSW  X8, X4
	MOVO     X4, X5
	PSLLO    $2, X5
	POR      X13, X5
	MOVO     X5, X6
	PCMPEQW  X15, X6
	PMOVMSKB X6, R11
	CMPL     R11, $0xffff
	JEQ      carry

	// Yes: let it run on, over one, two and four columns.
	MOVO    X5, X6
	PSLLO   $2, X6
	PSUBUSW X9, X6
	PMAXSW  X6, X5
	MOVO    X5, X6
	PSLLO   $4, X6
	PSUBUSW X10, X6
	PMAXSW  X6, X5
	MOVO    X5, X6
	PSLLO   $8, X6
	PSUBUSW X11, X6
	PMAXSW  X6, X5
	PMAXSW  X5, X0
	PSUBUSW X9, X5
	PMAXSW  X5, X4

carry:
	PSRLO  $14, X4
	MOVO   X4, X13
	MOVOU  X0, (DI)
	PMAXSW X0, X14

	// Which block is the first alive, which the last?
	PCMPGTW  X12, X0
	PMOVMSKB X0, R11
	TESTL    R11, R11
	JEQ      next
	MOVQ     AX, R10
	CMPQ     R9, $0
	JGE      next
	MOVQ     AX, R9

next:
	ADDQ $16, SI
	ADDQ $16, DI
	ADDQ $16, DX
	ADDQ $16, BX
	INCQ AX
	DECQ CX
	JNZ  block

	MOVOU X13, 80(R8)
	MOVOU X14, 96(R8)
	MOVQ  R9, 112(R8)
	MOVQ  R10, 120(R8)
	RET
