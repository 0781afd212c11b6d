<?php
use PHPUnit\Framework\TestCase;

final class GoodTest extends TestCase
{
    public function testNamesTheDay(): void
    {
        $this->assertSame('Tuesday', 'Tuesday');
    }

    /** @dataProvider languages */
    public function testRefuses(string $language): void
    {
        $this->assertNotSame('', $language);
    }

    public static function languages(): array
    {
        return ['english' => ['en'], 'german' => ['de']];
    }
}
