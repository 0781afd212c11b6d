<?php
use PHPUnit\Framework\TestCase;

final class BadTest extends TestCase
{
    public function testNamesTheWrongDay(): void
    {
        $this->assertSame('Monday', 'Tuesday');
    }

    public function testBreaksDown(): void
    {
        throw new RuntimeException('out of order');
    }

    public function testIsLeftOut(): void
    {
        $this->markTestSkipped('not yet');
    }

    public function testIsUnfinished(): void
    {
        $this->markTestIncomplete('not written');
    }

    public function testAssertsNothing(): void
    {
    }

    public function testWarns(): void
    {
        $this->addWarning('careful');
        $this->assertTrue(true);
    }

    public function testPrints(): void
    {
        print 'to the log';
        $this->assertTrue(true);
    }

    /** @dataProvider languages */
    public function testRefuses(string $language): void
    {
        $this->assertNotSame('', $language);
    }

    public static function languages(): array
    {
        throw new RuntimeException('no languages');
    }
}
